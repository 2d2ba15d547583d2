//! The program: reads /data/in.txt, writes /data/out.txt. It sees no other files.

use std::{fs, io};

fn main() -> io::Result<()> {
    let text = fs::read_to_string("/data/in.txt")?;
    fs::write("/data/out.txt", guest::reverse(&text))
}
