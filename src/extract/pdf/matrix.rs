//! Transformations of the plane.

use super::value::Value;

/// `[a b c d e f]`: a point `(x, y)` becomes `(ax + cy + e, bx + dy + f)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    e: f64,
    f: f64,
}

impl Matrix {
    /// Leaves everything where it is.
    pub const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    /// From six operands.
    pub fn of(values: &[Value]) -> Option<Self> {
        let mut numbers = values.iter().map(|value| value.number().unwrap_or(0.0));
        let mut next = || numbers.next();
        Some(Self { a: next()?, b: next()?, c: next()?, d: next()?, e: next()?, f: next()? })
    }

    /// Moves by so much.
    pub fn moved(x: f64, y: f64) -> Self {
        Self { e: x, f: y, ..Self::IDENTITY }
    }

    /// This one first, then `next`.
    pub fn then(self, next: Self) -> Self {
        Self {
            a: self.a * next.a + self.b * next.c,
            b: self.a * next.b + self.b * next.d,
            c: self.c * next.a + self.d * next.c,
            d: self.c * next.b + self.d * next.d,
            e: self.e * next.a + self.f * next.c + next.e,
            f: self.e * next.b + self.f * next.d + next.f,
        }
    }

    /// Where the origin goes.
    pub fn origin(self) -> (f64, f64) {
        (self.e, self.f)
    }

    /// How long a horizontal line of length one becomes, and in which direction it then lies.
    pub fn across(self) -> (f64, (f64, f64)) {
        let length = (self.a * self.a + self.b * self.b).sqrt();
        if length > 0.0 { (length, (self.a / length, self.b / length)) } else { (0.0, (1.0, 0.0)) }
    }

    /// How long a vertical line of length one becomes.
    pub fn up(self) -> f64 {
        (self.c * self.c + self.d * self.d).sqrt()
    }
}
