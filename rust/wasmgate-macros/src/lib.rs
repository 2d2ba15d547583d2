//! The attributes `#[export]` and `#[import]` of the crate wasmgate, which documents them.

mod common;
mod export;
mod import;

use proc_macro::TokenStream;

/// See `wasmgate::export`.
#[proc_macro_attribute]
pub fn export(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let done = export::expand(attribute.into(), item.clone().into());
    with_errors(done, item)
}

/// See `wasmgate::import`.
#[proc_macro_attribute]
pub fn import(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let done = import::expand(attribute.into(), item.into());
    with_errors(done, TokenStream::new())
}

/// What was written, or the errors; with them the item, so that no more errors follow from its absence.
fn with_errors(done: syn::Result<proc_macro2::TokenStream>, item: TokenStream) -> TokenStream {
    done.map(TokenStream::from).unwrap_or_else(|error| {
        let mut out = item;
        out.extend(TokenStream::from(error.to_compile_error()));
        out
    })
}
