//! The Mandelbrot set once more, one pixel at a time: floating point in a small loop that ends at any time.

use std::io::{self, Write};

const STEPS: usize = 50;

/// Whether a point stays within the circle.
#[inline(never)]
fn stays(re: f64, im: f64) -> bool {
    let (mut x, mut y) = (0.0, 0.0);
    for _ in 0..STEPS {
        let (xx, yy) = (x * x, y * y);
        if xx + yy > 4.0 {
            return false;
        }
        y = 2.0 * x * y + im;
        x = xx - yy + re;
    }
    x * x + y * y <= 4.0
}

fn draw(size: usize, out: &mut dyn Write) -> io::Result<()> {
    let scale = 2.0 / size as f64;
    writeln!(out, "P4\n{size} {size}")?;
    let mut line = vec![0; size.div_ceil(8)];
    for row in 0..size {
        let im = row as f64 * scale - 1.0;
        line.fill(0);
        for column in 0..size {
            if stays(column as f64 * scale - 1.5, im) {
                line[column / 8] |= 0x80 >> (column % 8);
            }
        }
        out.write_all(&line)?;
    }
    Ok(())
}

fn main() {
    guests::run(draw);
}
