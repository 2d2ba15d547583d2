//! Reverses prefixes of every permutation of n numbers until the first is 1: integers in small arrays.

use std::io::{self, Write};

/// Numbers that a permutation has at most.
const MOST: usize = 16;

/// How many reversals it takes until a zero is in front. `pancakes` starts with the number `first`.
#[inline(never)]
fn flips(mut pancakes: [u8; MOST], mut first: usize) -> i32 {
    let mut count = 0;
    while first != 0 {
        pancakes[..=first].reverse();
        count += 1;
        first = usize::from(pancakes[0]);
    }
    count
}

/// Checksum, and the most reversals that a permutation takes.
fn fannkuch(n: usize) -> (i32, i32) {
    let mut order: [u8; MOST] = std::array::from_fn(|i| i as u8);
    let mut left = [0_usize; MOST]; // rotations left of each prefix
    let (mut checksum, mut most) = (0, 0);
    let (mut turned, mut even) = (n, true);
    loop {
        while turned > 1 {
            left[turned - 1] = turned;
            turned -= 1;
        }
        let count = flips(order, usize::from(order[0]));
        checksum += if even { count } else { -count };
        most = most.max(count);
        even = !even;
        loop {
            if turned == n {
                return (checksum, most);
            }
            order[..=turned].rotate_left(1);
            left[turned] -= 1;
            if left[turned] > 0 {
                break;
            }
            turned += 1;
        }
    }
}

fn main() {
    guests::run(|n, out: &mut dyn Write| {
        if !(1..=MOST).contains(&n) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("1 to {MOST}"),
            ));
        }
        let (checksum, most) = fannkuch(n);
        writeln!(out, "{checksum}\nPfannkuchen({n}) = {most}")
    });
}
