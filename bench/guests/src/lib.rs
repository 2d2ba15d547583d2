//! What the programs have in common: arguments, output, and a clock for the native twins.
//!
//! The innermost function of each program is not inlined, so that a profile names it, and so that every compiler meets it
//! alone and not in the midst of `main` with all that prints and parses.

use std::env;
use std::io::{self, BufWriter, Write};
use std::process;
use std::time::Instant;

/// Output goes out in pieces of this size.
const PIECE: usize = 64 * 1024;

/// Runs `work` with the number that is the first argument; what it writes goes to stdout.
///
/// With `--time` as the second argument, stderr then gets the nanoseconds that this took, output included. Native twins
/// are asked for that, to leave out the start of a process; of WebAssembly the caller takes the time.
pub fn run(work: fn(usize, &mut dyn Write) -> io::Result<()>) {
    let mut args = env::args().skip(1);
    let Some(size) = args.next().and_then(|text| text.parse().ok()) else {
        eprintln!("the first argument must be a number");
        process::exit(2);
    };
    let start = (args.next().as_deref() == Some("--time")).then(Instant::now);
    let mut out = BufWriter::with_capacity(PIECE, io::stdout().lock());
    if let Err(error) = work(size, &mut out).and_then(|()| out.flush()) {
        eprintln!("{error}");
        process::exit(1);
    }
    if let Some(start) = start {
        eprintln!("{}", start.elapsed().as_nanos());
    }
}
