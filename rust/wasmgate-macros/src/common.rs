//! What both attributes need: names, options and types.

use proc_macro2::{Span, TokenStream};
use quote::{quote_spanned, ToTokens};
use syn::parse::Parser;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Error, Expr, ExprLit, Generics, Lifetime, Lit, Meta, MetaNameValue, Pat, PatType,
    Result,
};
use syn::{
    GenericArgument, GenericParam, Ident, LitStr, PathArguments, ReturnType, Type, TypeReference,
};

/// Reads the options of an attribute, `key = "text", …`, of which only `key` exists.
pub fn option(attribute: TokenStream, key: &str) -> Result<Option<LitStr>> {
    let mut found = None;
    let parser = syn::meta::parser(|meta| {
        if !meta.path.is_ident(key) {
            return Err(meta.error(format!("there is one option, {key} = \"…\"")));
        }
        found = Some(meta.value()?.parse()?);
        Ok(())
    });
    parser.parse2(attribute)?;
    Ok(found)
}

/// A name as it stands in a line of the section: one word.
pub fn name(text: &str, span: Span) -> Result<String> {
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Error::new(
            span,
            "the name may not be empty, nor hold white space",
        ));
    }
    Ok(text.to_string())
}

/// The text of a doc comment or of another attribute that is `#[key = "text"]`.
pub fn attribute_text<'a>(attribute: &'a Attribute, key: &str) -> Option<&'a LitStr> {
    match &attribute.meta {
        Meta::NameValue(MetaNameValue {
            path,
            value:
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }),
            ..
        }) if path.is_ident(key) => Some(text),
        _ => None,
    }
}

/// The attributes that say whether there is an item at all.
pub fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect()
}

/// Only lifetimes may be parameters.
pub fn no_generics(generics: &Generics) -> Result<()> {
    match generics
        .params
        .iter()
        .find(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
    {
        Some(parameter) => Err(Error::new_spanned(
            parameter,
            "a function that crosses has no type parameters",
        )),
        None => Ok(()),
    }
}

/// The name of a parameter for signatures and messages, if it has one that can stand there.
pub fn parameter_name(parameter: &PatType) -> Option<String> {
    match &*parameter.pat {
        Pat::Ident(pattern) => Some(plain(&pattern.ident)).filter(|name| name.is_ascii()),
        _ => None,
    }
}

/// A name without the r# that makes one of a keyword.
pub fn plain(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_string()
}

/// A parameter's type without the reference in front, and whether there was one.
pub fn referent(ty: &Type) -> Result<(&Type, bool)> {
    match ty {
        Type::Reference(TypeReference { mutability: Some(_), .. }) => Err(Error::new_spanned(
            ty,
            "a mutable reference cannot cross: what is changed would not come back. Take it by value and return it",
        )),
        Type::Reference(reference) => Ok((&reference.elem, true)),
        Type::Paren(inner) => referent(&inner.elem),
        Type::Group(inner) => referent(&inner.elem),
        _ => Ok((ty, false)),
    }
}

/// Refuses types that cannot be written where the attributes need them.
pub fn writable(ty: &Type) -> Result<()> {
    let reason = match ty {
        Type::ImplTrait(_) => "`impl Trait` cannot cross; name the type",
        Type::Never(_) => "a function that crosses returns",
        Type::BareFn(_) => "functions cannot cross",
        Type::Ptr(_) => "pointers cannot cross; pass a slice, or an address as usize",
        Type::TraitObject(_) => "trait objects cannot cross",
        Type::Group(inner) => return writable(&inner.elem),
        Type::Paren(inner) => return writable(&inner.elem),
        _ => return Ok(()),
    };
    Err(Error::new_spanned(ty, reason))
}

/// Refuses references inside of the type of a parameter of an export: what they refer to would have no owner.
pub fn no_references(ty: &Type) -> Result<()> {
    struct Find(Option<Type>);
    impl VisitMut for Find {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            self.0.get_or_insert(Type::Reference(reference.clone()));
        }
    }
    let mut find = Find(None);
    find.visit_type_mut(&mut ty.clone());
    match find.0 {
        Some(found) => Err(Error::new_spanned(
            found,
            "a parameter may be a reference, but not hold one: own it, as in Option<String> for Option<&str>",
        )),
        None => Ok(()),
    }
}

/// The type with its named lifetimes left to the compiler, because the names mean nothing outside of the function.
pub fn unnamed(ty: &Type) -> Type {
    struct Unname;
    impl VisitMut for Unname {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
            visit_mut::visit_lifetime_mut(self, lifetime);
        }
    }
    let mut ty = ty.clone();
    Unname.visit_type_mut(&mut ty);
    ty
}

/// What a function returns: the type, without the `Result` around it if there is one.
pub struct Returned {
    pub payload: Type,
    pub fallible: bool,
}

/// A `Result` is recognised by its name where it has its types with it. Under other names it is one too if what it
/// holds crosses by itself; that is up to the traits.
pub fn returned(output: &ReturnType) -> Result<Returned> {
    let ty = match output {
        ReturnType::Default => {
            return Ok(Returned {
                payload: syn::parse_quote!(()),
                fallible: false,
            })
        }
        ReturnType::Type(_, ty) => &**ty,
    };
    writable(ty)?;
    let (payload, fallible) = match ok_type(ty) {
        Some(ok) => (ok, true),
        None => (ty, false),
    };
    writable(payload)?;
    Ok(Returned {
        payload: unnamed(payload),
        fallible,
    })
}

fn ok_type(ty: &Type) -> Option<&Type> {
    let last = match ty {
        Type::Group(inner) => return ok_type(&inner.elem),
        Type::Paren(inner) => return ok_type(&inner.elem),
        Type::Path(path) => path.path.segments.last()?,
        _ => return None,
    };
    match &last.arguments {
        PathArguments::AngleBracketed(of) if last.ident == "Result" => {
            of.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Stops the compiler at a type that only serde could pass, if there is no serde.
pub fn needs_serde(ty: &Type, constant: &TokenStream) -> TokenStream {
    let message = format!(
        "`{}` does not cross by itself; the feature `serde` of wasmgate passes any type that serde can",
        shown(ty)
    );
    refuse(
        ty,
        &quote_spanned!(span(ty)=> __abi::SERDE || !#constant.is_value),
        &message,
    )
}

/// Stops the compiler at a type unless a constant is true.
pub fn refuse(ty: &Type, unless: &TokenStream, message: &str) -> TokenStream {
    quote_spanned!(span(ty)=> const _: () = ::core::assert!(#unless, #message);)
}

/// A type as a person writes it.
fn shown(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" :: ", "::"),
        ("& ", "&"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

/// Where a type stands.
pub fn span(ty: &Type) -> Span {
    syn::spanned::Spanned::span(ty)
}
