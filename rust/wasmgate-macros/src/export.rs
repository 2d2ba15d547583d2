//! `#[export]`.

use crate::common::{self, Returned};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, FnArg, Ident, ItemFn, PatType, Result, Type};

/// Stands before the names of exports that are taken already.
const PREFIX: &str = "wasmgate.";

/// Functions and variables of the C library, the mathematical one, and the compiler's own. The linker would take an
/// export of such a name for them, or the other way round.
const C_NAMES: &str = include_str!("c_names.txt");

/// A parameter as the wrapper treats it.
struct Parameter {
    name: Option<String>,
    /// The type without a reference in front.
    ty: Type,
    by_reference: bool,
    /// Its constant in the wrapper.
    constant: Ident,
    /// Its variable in the wrapper.
    variable: Ident,
}

impl Parameter {
    fn new(index: usize, parameter: &PatType) -> Result<Parameter> {
        let (ty, by_reference) = common::referent(&parameter.ty)?;
        common::writable(ty)?;
        common::no_references(ty)?;
        Ok(Parameter {
            name: common::parameter_name(parameter),
            ty: common::unnamed(ty),
            by_reference,
            constant: format_ident!("__WASMGATE_P{index}"),
            variable: format_ident!("__wasmgate_p{index}"),
        })
    }

    /// The type that is held during the call.
    fn held(&self) -> TokenStream {
        let ty = &self.ty;
        if self.by_reference {
            quote_spanned!(common::span(ty)=> <#ty as __abi::Borrowed>::Owned)
        } else {
            quote!(#ty)
        }
    }

    fn constants(&self) -> TokenStream {
        let (constant, held) = (&self.constant, self.held());
        let it = quote_spanned! {common::span(&self.ty)=>
            const #constant: &__abi::Type = &<__abi::Arg<#held>>::TYPE;
        };
        let serde = common::needs_serde(&self.ty, &quote!(#constant));
        let empty = common::refuse(
            &self.ty,
            &quote!(#constant.count > 0),
            "a parameter of this type holds nothing; leave it out",
        );
        quote!(#it #serde #empty)
    }

    /// The wasm parameters.
    fn declared(&self) -> TokenStream {
        let constant = &self.constant;
        let words = (0..3usize).map(|i| {
            let word = format_ident!("{}_{i}", self.variable);
            quote!(#word: <__abi::Slot<{ #constant.words[#i] }> as __abi::Word>::Type)
        });
        quote!(#(#words),*)
    }

    /// Takes over what the words refer to.
    fn taken(&self) -> TokenStream {
        let (constant, variable, held) = (&self.constant, &self.variable, self.held());
        let words = (0..3usize).map(|i| {
            let word = format_ident!("{variable}_{i}");
            quote!(<__abi::Slot<{ #constant.words[#i] }> as __abi::Word>::raw(#word))
        });
        quote_spanned! {common::span(&self.ty)=>
            let #variable = unsafe { <__abi::Arg<#held>>::take([#(#words),*]) };
        }
    }

    /// Stops the call if the value was not what the type asks for.
    fn checked(&self, index: u8) -> TokenStream {
        let variable = &self.variable;
        quote! {
            let #variable = match #variable {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return ::core::result::Result::Err(error.of_argument(#index));
                }
            };
        }
    }

    /// What the function is called with.
    fn passed(&self) -> TokenStream {
        let (ty, variable) = (&self.ty, &self.variable);
        if self.by_reference {
            quote_spanned!(common::span(ty)=> ::core::borrow::Borrow::<#ty>::borrow(&#variable))
        } else {
            quote!(#variable)
        }
    }
}

pub fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function: ItemFn = syn::parse2(item)?;
    let signature = &function.sig;
    let name = match common::option(attribute, "name")? {
        Some(given) => common::name(&given.value(), given.span())?,
        None => common::plain(&signature.ident),
    };
    if name.starts_with("__wasmgate_")
        || name.starts_with(PREFIX)
        || ["memory", "_start", "_initialize"].contains(&name.as_str())
    {
        return Err(Error::new_spanned(
            &signature.ident,
            format!("the name {name} has a meaning of its own"),
        ));
    }
    if let Some(keyword) = &signature.asyncness {
        return Err(Error::new_spanned(
            keyword,
            "an exported function cannot be async",
        ));
    }
    let name = match C_NAMES.split_ascii_whitespace().any(|taken| taken == name) {
        true => format!("{PREFIX}{name}"),
        false => name,
    };
    common::no_generics(&signature.generics)?;
    let parameters = parameters(&function)?;
    let returned = common::returned(&signature.output)?;
    let wrapper = wrapper(&function, &name, &parameters, &returned);
    Ok(quote!(#function #wrapper))
}

fn parameters(function: &ItemFn) -> Result<Vec<Parameter>> {
    let inputs = function.sig.inputs.iter().enumerate();
    let parameters = inputs.map(|(index, input)| match input {
        FnArg::Typed(parameter) => Parameter::new(index, parameter),
        FnArg::Receiver(receiver) => Err(Error::new_spanned(
            receiver,
            "methods cannot be exported; write a function that calls it",
        )),
    });
    parameters.collect()
}

fn wrapper(
    function: &ItemFn,
    name: &str,
    parameters: &[Parameter],
    returned: &Returned,
) -> TokenStream {
    let conditions = common::conditions(&function.attrs);
    let constants = parameters.iter().map(Parameter::constants);
    let types = parameters.iter().map(|parameter| &parameter.constant);
    let result = result_constants(returned, types);
    let section = section(function, name, parameters);

    let declared = parameters.iter().map(Parameter::declared);
    let taken = parameters.iter().map(Parameter::taken);
    let checked = parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| parameter.checked(index as u8));
    let passed = parameters.iter().map(Parameter::passed);
    let ident = &function.sig.ident;
    let mut call = quote!(#ident(#(#passed),*));
    if function.sig.unsafety.is_some() {
        call = quote!(unsafe { #call });
    }
    if returned.fallible {
        call = quote! {
            match #call {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return ::core::result::Result::Err(::core::convert::Into::into(error));
                }
            }
        };
    }
    let payload = &returned.payload;
    let give = quote_spanned!(common::span(payload)=> <__abi::Ret<#payload>>::give);

    quote! {
        #(#conditions)*
        #[allow(clippy::all, deprecated, improper_ctypes_definitions, unsafe_code, unused_imports, unused_unsafe)]
        #[allow(unused_braces, unused_variables, unused_mut, non_snake_case)]
        const _: () = {
            use ::wasmgate::abi as __abi;
            use __abi::{GiveValue as _, TakeValue as _};
            #(#constants)*
            #result
            #section

            #[allow(dead_code)]
            #[cfg_attr(target_family = "wasm", export_name = #name)]
            pub extern "C" fn __wasmgate_export(
                __wasmgate_area: <__abi::Slot<{ __WASMGATE_REPLY.area }> as __abi::Word>::Type,
                #(#declared),*
            ) -> <__abi::Slot<{ __WASMGATE_REPLY.direct }> as __abi::Word>::Type {
                #(#taken)*
                __abi::answer::<{ __WASMGATE_REPLY.area }, { __WASMGATE_REPLY.direct }>(
                    __WASMGATE_REPLY,
                    __wasmgate_area,
                    move |__wasmgate_words| {
                        #(#checked)*
                        let __wasmgate_result = #call;
                        #give(__wasmgate_result, __wasmgate_words)
                    },
                )
            }
        };
    }
}

/// The constants about the result. An export through which values cross can fail in any case: they may not fit.
fn result_constants<'a>(
    returned: &Returned,
    types: impl Iterator<Item = &'a Ident>,
) -> TokenStream {
    let Returned { payload, fallible } = returned;
    let span = common::span(payload);
    let serde = common::needs_serde(payload, &quote!(__WASMGATE_RESULT));
    let too_large = common::refuse(
        payload,
        &quote!(__WASMGATE_REPLY.bytes <= __abi::AREA_BYTES),
        "this tuple is larger than the 48 bytes of a result; return a struct, with the feature `serde` of wasmgate",
    );
    let it = quote_spanned! {span=>
        const __WASMGATE_RESULT: &__abi::Type = &<__abi::Ret<#payload>>::TYPE;
    };
    quote! {
        #it
        const __WASMGATE_REPLY: &__abi::Reply = &__abi::reply(
            __WASMGATE_RESULT,
            #fallible || __WASMGATE_RESULT.fallible || __abi::any_value(&[#(#types,)* __WASMGATE_RESULT]),
        );
        #serde
        #too_large
    }
}

/// The lines of the custom section.
fn section(function: &ItemFn, name: &str, parameters: &[Parameter]) -> TokenStream {
    let docs: Vec<String> = function
        .attrs
        .iter()
        .filter_map(|attribute| common::attribute_text(attribute, "doc"))
        .map(|line| line.value())
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).to_string())
        .collect();
    let mut head = String::from("wasmgate 1\n");
    let doc = docs.join("\n");
    if !doc.trim().is_empty() {
        let escaped = doc
            .trim()
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "");
        head.push_str(&format!("doc {name} {escaped}\n"));
    }
    head.push_str(&format!("export {name} "));
    lines(
        &head,
        parameters
            .iter()
            .map(|parameter| (parameter.name.as_deref(), &parameter.constant)),
    )
}

/// A static in the section: `head`, and the signature of these parameters.
pub fn lines<'a>(
    head: &str,
    parameters: impl Iterator<Item = (Option<&'a str>, &'a Ident)>,
) -> TokenStream {
    let mut text = format!("{head}(");
    let mut pieces = Vec::new();
    for (index, (name, constant)) in parameters.enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        if let Some(name) = name {
            text.push_str(&format!("{name}: "));
        }
        pieces.push(quote!(__abi::piece(#text), #constant.text.piece()));
        text.clear();
    }
    text.push_str(") -> ");
    quote! {
        const __WASMGATE_LINES: &[__abi::Piece<'static>] = &[
            #(#pieces,)*
            __abi::piece(#text),
            __abi::piece(if __WASMGATE_REPLY.fallible { "result<" } else { "" }),
            __WASMGATE_RESULT.text.piece(),
            __abi::piece(if __WASMGATE_REPLY.fallible { ">\n" } else { "\n" }),
        ];
        #[cfg_attr(target_family = "wasm", link_section = "wasmgate")]
        #[used]
        pub static __WASMGATE_SECTION: [u8; __abi::len(__WASMGATE_LINES)] = __abi::concat(__WASMGATE_LINES);
    }
}
