//! The Mandelbrot set as a bitmap of n × n: floating point that a compiler can turn into vectors, eight pixels a byte.

use std::io::{self, Write};

const LANES: usize = 8;
const ROUNDS: usize = 10;
const STEPS: usize = 5; // of a round, after which all lanes may be done

type Lanes = [f64; LANES];

/// Eight pixels side by side; the bits of those that stay within the circle.
#[inline(never)]
fn eight(re: &Lanes, im: f64) -> u8 {
    let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
    let (mut xx, mut yy) = ([0.0; LANES], [0.0; LANES]);
    for _ in 0..ROUNDS {
        for _ in 0..STEPS {
            for i in 0..LANES {
                y[i] = 2.0 * x[i] * y[i] + im;
                x[i] = xx[i] - yy[i] + re[i];
                xx[i] = x[i] * x[i];
                yy[i] = y[i] * y[i];
            }
        }
        if (0..LANES).all(|i| !inside(xx[i], yy[i])) {
            return 0;
        }
    }
    (0..LANES).fold(0, |bits, i| bits << 1 | u8::from(inside(xx[i], yy[i])))
}

/// What has left may be infinite or not a number by now.
fn inside(xx: f64, yy: f64) -> bool {
    xx + yy <= 4.0
}

fn draw(size: usize, out: &mut dyn Write) -> io::Result<()> {
    let scale = 2.0 / size as f64;
    let columns: Vec<Lanes> = (0..size.div_ceil(LANES))
        .map(|byte| std::array::from_fn(|i| (byte * LANES + i) as f64 * scale - 1.5))
        .collect();
    // Pixels beyond the right edge are not set.
    let last = match size % LANES {
        0 => 0xff,
        rest => !(0xff >> rest),
    };
    writeln!(out, "P4\n{size} {size}")?;
    let mut line = vec![0; columns.len()];
    for row in 0..size {
        let im = row as f64 * scale - 1.0;
        for (byte, re) in line.iter_mut().zip(&columns) {
            *byte = eight(re, im);
        }
        if let Some(byte) = line.last_mut() {
            *byte &= last;
        }
        out.write_all(&line)?;
    }
    Ok(())
}

fn main() {
    guests::run(draw);
}
