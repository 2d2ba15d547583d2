//! DNA sequences, repeated and at random, in the FASTA format: integer division, table look-ups and much output.

use std::io::{self, Write};

const WIDTH: usize = 60;

const MODULUS: u32 = 139_968;
const FACTOR: u32 = 3_877;
const INCREMENT: u32 = 29_573;
const SEED: u32 = 42;

const ALU: &[u8] = b"GGCCGGGCGCGGTGGCTCACGCCTGTAATCCCAGCACTTTGG\
GAGGCCGAGGCGGGCGGATCACCTGAGGTCAGGAGTTCGAGA\
CCAGCCTGGCCAACATGGTGAAACCCCGTCTCTACTAAAAAT\
ACAAAAATTAGCCGGGCGTGGTGGCGCGCGCCTGTAATCCCA\
GCTACTCGGGAGGCTGAGGCAGGAGAATCGCTTGAACCCGGG\
AGGCGGAGGTTGCAGTGAGCCGAGATCGCGCCACTGCACTCC\
AGCCTGGGCGACAGAGCGAGACTCCGTCTCAAAAA";

const IUB: [(u8, f64); 15] = [
    (b'a', 0.27),
    (b'c', 0.12),
    (b'g', 0.12),
    (b't', 0.27),
    (b'B', 0.02),
    (b'D', 0.02),
    (b'H', 0.02),
    (b'K', 0.02),
    (b'M', 0.02),
    (b'N', 0.02),
    (b'R', 0.02),
    (b'S', 0.02),
    (b'V', 0.02),
    (b'W', 0.02),
    (b'Y', 0.02),
];

const HOMO_SAPIENS: [(u8, f64); 4] = [
    (b'a', 0.302_954_942_668_0),
    (b'c', 0.197_988_300_492_1),
    (b'g', 0.197_547_306_699_2),
    (b't', 0.301_509_450_140_7),
];

/// The letters with the sum of their shares so far, in parts of the generator's range.
fn sums<const N: usize>(shares: &[(u8, f64); N]) -> [(u8, u32); N] {
    let mut sum = 0.0;
    shares.map(|(letter, share)| {
        sum += share;
        (letter, (sum * f64::from(MODULUS)) as u32)
    })
}

fn header(out: &mut dyn Write, id: &str, about: &str) -> io::Result<()> {
    writeln!(out, ">{id} {about}")
}

/// Writes `length` letters in lines; `fill` makes those of a line.
fn letters(out: &mut dyn Write, length: usize, mut fill: impl FnMut(&mut [u8])) -> io::Result<()> {
    let mut line = [b'\n'; WIDTH + 1];
    let mut left = length;
    while left > 0 {
        let count = left.min(WIDTH);
        fill(&mut line[..count]);
        line[count] = b'\n';
        out.write_all(&line[..=count])?;
        left -= count;
    }
    Ok(())
}

#[inline(never)]
fn repeated(out: &mut dyn Write, text: &[u8], length: usize) -> io::Result<()> {
    let mut endless = text.iter().cycle();
    letters(out, length, |line| {
        line.iter_mut()
            .zip(&mut endless)
            .for_each(|(to, from)| *to = *from)
    })
}

#[inline(never)]
fn random<const N: usize>(
    out: &mut dyn Write,
    shares: &[(u8, f64); N],
    length: usize,
    seed: &mut u32,
) -> io::Result<()> {
    let table = sums(shares);
    let (last, _) = table[N - 1];
    letters(out, length, |line| {
        for to in line {
            *seed = (*seed * FACTOR + INCREMENT) % MODULUS;
            *to = table
                .iter()
                .find(|(_, sum)| *seed < *sum)
                .map_or(last, |(letter, _)| *letter);
        }
    })
}

fn generate(size: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut seed = SEED;
    header(out, "ONE", "Homo sapiens alu")?;
    repeated(out, ALU, size * 2)?;
    header(out, "TWO", "IUB ambiguity codes")?;
    random(out, &IUB, size * 3, &mut seed)?;
    header(out, "THREE", "Homo sapiens frequency")?;
    random(out, &HOMO_SAPIENS, size * 5, &mut seed)
}

fn main() {
    guests::run(generate);
}
