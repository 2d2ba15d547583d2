//! The sun and its four gas planets, moved by a symplectic integrator: floating point in a small loop.

use std::f64::consts::PI;
use std::io::{self, Write};

const SOLAR_MASS: f64 = 4.0 * PI * PI;
const YEAR: f64 = 365.24;
const STEP: f64 = 0.01;

#[derive(Clone, Copy)]
struct Body {
    at: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

const fn planet(at: [f64; 3], per_day: [f64; 3], mass: f64) -> Body {
    Body {
        at,
        speed: [per_day[0] * YEAR, per_day[1] * YEAR, per_day[2] * YEAR],
        mass: mass * SOLAR_MASS,
    }
}

const BODIES: [Body; 5] = [
    planet([0.0; 3], [0.0; 3], 1.0),
    planet(
        [
            4.841_431_442_464_72,
            -1.160_320_044_027_428_4,
            -0.103_622_044_471_123_11,
        ],
        [
            0.001_660_076_642_744_037,
            0.007_699_011_184_197_404,
            -0.000_069_046_001_697_206_3,
        ],
        0.000_954_791_938_424_326_6,
    ),
    planet(
        [
            8.343_366_718_244_58,
            4.124_798_564_124_305,
            -0.403_523_417_114_321_4,
        ],
        [
            -0.002_767_425_107_268_624,
            0.004_998_528_012_349_172,
            0.000_023_041_729_757_376_393,
        ],
        0.000_285_885_980_666_130_8,
    ),
    planet(
        [
            12.894_369_562_139_131,
            -15.111_151_401_698_631,
            -0.223_307_578_892_655_73,
        ],
        [
            0.002_964_601_375_647_616,
            0.002_378_471_739_594_809_5,
            -0.000_029_658_956_854_023_756,
        ],
        0.000_043_662_440_433_515_63,
    ),
    planet(
        [
            15.379_697_114_850_917,
            -25.919_314_609_987_964,
            0.179_258_772_950_371_18,
        ],
        [
            0.002_680_677_724_903_893_2,
            0.001_628_241_700_382_423,
            -0.000_095_159_225_451_971_59,
        ],
        0.000_051_513_890_204_661_145,
    ),
];

fn square(v: [f64; 3]) -> f64 {
    v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
}

fn between(a: &Body, b: &Body) -> [f64; 3] {
    [a.at[0] - b.at[0], a.at[1] - b.at[1], a.at[2] - b.at[2]]
}

/// Lets the whole system rest.
fn still(bodies: &mut [Body; 5]) {
    for axis in 0..3 {
        let momentum: f64 = bodies.iter().map(|body| body.speed[axis] * body.mass).sum();
        bodies[0].speed[axis] = -momentum / SOLAR_MASS;
    }
}

fn energy(bodies: &[Body; 5]) -> f64 {
    let mut sum = 0.0;
    for (i, body) in bodies.iter().enumerate() {
        sum += 0.5 * body.mass * square(body.speed);
        for other in &bodies[i + 1..] {
            sum -= body.mass * other.mass / square(between(body, other)).sqrt();
        }
    }
    sum
}

#[inline(never)]
fn advance(bodies: &mut [Body; 5]) {
    for i in 0..bodies.len() {
        let (head, tail) = bodies.split_at_mut(i + 1);
        let body = &mut head[i];
        for other in tail {
            let away = between(body, other);
            let squared = square(away);
            let pull = STEP / (squared * squared.sqrt());
            for axis in 0..3 {
                body.speed[axis] -= away[axis] * other.mass * pull;
                other.speed[axis] += away[axis] * body.mass * pull;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.at[axis] += STEP * body.speed[axis];
        }
    }
}

fn simulate(steps: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut bodies = BODIES;
    still(&mut bodies);
    writeln!(out, "{:.9}", energy(&bodies))?;
    for _ in 0..steps {
        advance(&mut bodies);
    }
    writeln!(out, "{:.9}", energy(&bodies))
}

fn main() {
    guests::run(simulate);
}
