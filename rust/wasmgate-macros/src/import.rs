//! `#[import]`.

use crate::common::{self, Returned};
use crate::export::lines;
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Attribute, Error, FnArg, ForeignItem, ForeignItemFn, Ident, ItemForeignMod, Pat, PatType,
    Result, Type,
};

/// A parameter as the function treats it.
struct Parameter {
    name: String,
    variable: Ident,
    /// The type without a reference in front.
    ty: Type,
    by_reference: bool,
    constant: Ident,
    /// The variable with its words.
    words: Ident,
}

impl Parameter {
    fn new(index: usize, parameter: &PatType) -> Result<Parameter> {
        let variable = match &*parameter.pat {
            Pat::Ident(pattern) => pattern.ident.clone(),
            other => {
                return Err(Error::new_spanned(
                    other,
                    "a parameter of an import has a plain name",
                ))
            }
        };
        let (ty, by_reference) = common::referent(&parameter.ty)?;
        common::writable(ty)?;
        Ok(Parameter {
            name: common::parameter_name(parameter).unwrap_or_else(|| format!("p{index}")),
            variable,
            ty: common::unnamed(ty),
            by_reference,
            constant: format_ident!("__WASMGATE_P{index}"),
            words: format_ident!("__wasmgate_p{index}"),
        })
    }

    fn constants(&self) -> TokenStream {
        let (constant, ty) = (&self.constant, &self.ty);
        let it = quote_spanned! {common::span(ty)=>
            const #constant: &__abi::Type = &<__abi::Lent<#ty>>::TYPE;
        };
        let serde = common::needs_serde(ty, &quote!(#constant));
        quote!(#it #serde)
    }

    fn declared(&self) -> TokenStream {
        let constant = &self.constant;
        let words = (0..3usize).map(|i| {
            let word = format_ident!("{}_{i}", self.words);
            quote!(#word: <__abi::Slot<{ #constant.words[#i] }> as __abi::Word>::Type)
        });
        quote!(#(#words),*)
    }

    /// Puts its words into its variable.
    fn lent(&self, function: &str, fallible: bool) -> TokenStream {
        let Parameter {
            name,
            variable,
            ty,
            words,
            ..
        } = self;
        let value = if self.by_reference {
            quote!(#variable)
        } else {
            quote!(&#variable)
        };
        let store = format_ident!("{words}_store");
        let lend = quote_spanned!(common::span(ty)=> <__abi::Lent<#ty>>::lend(#value, &mut #store));
        let lent = if fallible {
            or_return(lend)
        } else {
            quote!(__abi::expect_lent(#lend, #function, #name))
        };
        quote! {
            let mut #store = ::std::vec::Vec::new();
            let #words = #lent;
        }
    }

    fn passed(&self) -> TokenStream {
        let Parameter {
            constant, words, ..
        } = self;
        let words = (0..3usize)
            .map(|i| quote!(<__abi::Slot<{ #constant.words[#i] }> as __abi::Word>::of(#words[#i])));
        quote!(#(#words),*)
    }
}

/// The value of a result, or the end of the function with its error.
fn or_return(result: TokenStream) -> TokenStream {
    quote! {
        match #result {
            ::core::result::Result::Ok(value) => value,
            ::core::result::Result::Err(error) => {
                return ::core::result::Result::Err(::core::convert::From::from(error));
            }
        }
    }
}

pub fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let block: ItemForeignMod = syn::parse2(item)?;
    let module = match common::option(attribute, "module")? {
        Some(given) => common::name(&given.value(), given.span())?,
        None => String::from("env"),
    };
    let functions = block.items.iter().map(|item| match item {
        ForeignItem::Fn(function) => expand_function(function, &module, &block.attrs),
        other => Err(Error::new_spanned(other, "only functions can be imported")),
    });
    functions.collect()
}

fn expand_function(
    function: &ForeignItemFn,
    module: &str,
    outer: &[Attribute],
) -> Result<TokenStream> {
    let signature = &function.sig;
    common::no_generics(&signature.generics)?;
    let link_name = function
        .attrs
        .iter()
        .find_map(|attribute| common::attribute_text(attribute, "link_name"));
    let name = match link_name {
        Some(given) => common::name(&given.value(), given.span())?,
        None => common::plain(&signature.ident),
    };
    let inputs = signature.inputs.iter().enumerate();
    let parameters = inputs.map(|(index, input)| match input {
        FnArg::Typed(parameter) => Parameter::new(index, parameter),
        FnArg::Receiver(receiver) => {
            Err(Error::new_spanned(receiver, "methods cannot be imported"))
        }
    });
    let parameters = parameters.collect::<Result<Vec<_>>>()?;
    let returned = common::returned(&signature.output)?;
    common::no_references(&returned.payload)?;

    let conditions = common::conditions(outer);
    let attributes = function
        .attrs
        .iter()
        .filter(|attribute| !attribute.path().is_ident("link_name"));
    let visibility = &function.vis;
    let (ident, generics, inputs, output) = (
        &signature.ident,
        &signature.generics,
        &signature.inputs,
        &signature.output,
    );
    let body = body(module, &name, &parameters, &returned);
    Ok(quote! {
        #(#conditions)*
        #(#attributes)*
        #[allow(clippy::all, unsafe_code, unused_imports, unused_mut, unused_braces, unused_variables, non_snake_case)]
        #visibility fn #ident #generics (#inputs) #output {
            #body
        }
    })
}

fn body(module: &str, name: &str, parameters: &[Parameter], returned: &Returned) -> TokenStream {
    let Returned { payload, fallible } = returned;
    let constants = parameters.iter().map(Parameter::constants);
    let result = quote_spanned! {common::span(payload)=>
        const __WASMGATE_RESULT: &__abi::Type = &<__abi::Arg<#payload>>::TYPE;
    };
    let serde = common::needs_serde(payload, &quote!(__WASMGATE_RESULT));
    let names = parameters
        .iter()
        .map(|parameter| (Some(parameter.name.as_str()), &parameter.constant));
    let section = lines(&format!("wasmgate 1\nimport {module} {name} "), names);
    let declaration = declaration(module, name, parameters);

    let function = format!("{module}.{name}");
    let lent = parameters
        .iter()
        .map(|parameter| parameter.lent(&function, *fallible));
    let passed = parameters.iter().map(Parameter::passed);
    let received = quote! {
        unsafe {
            __abi::receive::<{ __WASMGATE_REPLY.direct }>(
                __WASMGATE_RESULT,
                __WASMGATE_REPLY,
                &mut __wasmgate_area,
                __wasmgate_direct,
            )
        }
    };
    let take = quote_spanned!(common::span(payload)=> <__abi::Arg<#payload>>::take);
    let value = if *fallible {
        let words = or_return(received);
        let value = or_return(quote!(unsafe { #take(#words) }));
        quote!(::core::result::Result::Ok(#value))
    } else {
        let words = quote!(__abi::expect_reply(#received, #function));
        quote!(__abi::expect_reply(unsafe { #take(#words) }, #function))
    };
    quote! {
        use ::wasmgate::abi as __abi;
        use __abi::{LendValue as _, TakeValue as _};
        #(#constants)*
        #result
        const __WASMGATE_REPLY: &__abi::Reply = &__abi::reply(__WASMGATE_RESULT, #fallible);
        #serde
        #section
        #declaration
        #(#lent)*
        let mut __wasmgate_area = [0u64; 6];
        let __wasmgate_direct = unsafe {
            __wasmgate_import(
                <__abi::Slot<{ __WASMGATE_REPLY.area }> as __abi::Word>::of(__wasmgate_area.as_mut_ptr() as u64),
                #(#passed),*
            )
        };
        #value
    }
}

/// The import itself; outside of WebAssembly, a function that cannot be called.
fn declaration(module: &str, name: &str, parameters: &[Parameter]) -> TokenStream {
    let declared = parameters.iter().map(Parameter::declared);
    let signature = quote! {
        fn __wasmgate_import(
            __wasmgate_area: <__abi::Slot<{ __WASMGATE_REPLY.area }> as __abi::Word>::Type,
            #(#declared),*
        ) -> <__abi::Slot<{ __WASMGATE_REPLY.direct }> as __abi::Word>::Type
    };
    let outside = format!(
        "{module}.{name} is a function of the host: it can be called inside of WebAssembly only"
    );
    quote! {
        #[cfg(target_family = "wasm")]
        #[link(wasm_import_module = #module)]
        extern "C" {
            #[link_name = #name]
            #signature;
        }
        #[cfg(not(target_family = "wasm"))]
        unsafe #signature {
            ::core::panic!(#outside)
        }
    }
}
