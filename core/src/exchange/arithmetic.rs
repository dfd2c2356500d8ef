//! Products of amounts and prices, exact: in 128 bits where they fit, in 320 where they do not.

use ruint::Uint;

type Wide = Uint<320, 5>;

/// The largest amount.
pub const MAX_AMOUNT: u128 = u128::MAX >> 1;
/// Basis points in one.
pub const WHOLE_BPS: u128 = 10_000;

/// a * b / c, rounded down or up; None beyond the largest amount. `c` is not zero.
pub fn mul_div(a: u128, b: u128, c: u128, up: bool) -> Option<u128> {
    if let Some(product) = a.checked_mul(b) {
        let quotient = product / c + u128::from(up && product % c != 0);
        return (quotient <= MAX_AMOUNT).then_some(quotient);
    }
    let (mut quotient, rest) = (Wide::from(a) * Wide::from(b)).div_rem(Wide::from(c));
    if up && !rest.is_zero() {
        quotient += Wide::from(1u8);
    }
    narrow(quotient)
}

fn narrow(wide: Wide) -> Option<u128> {
    u128::try_from(wide).ok().filter(|amount| *amount <= MAX_AMOUNT)
}

/// What one side of a pool sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// Of the asset paid in.
    pub there_in: u128,
    /// Of the asset got out.
    pub there_out: u128,
    /// Basis points of what is paid, below 10,000.
    pub fee_bps: u128,
}

/// What a pool gives for `paid`, rounded down.
pub fn swap_out(paid: u128, sides: &Sides) -> Option<u128> {
    if sides.there_in == 0 {
        return None;
    }
    let kept = WHOLE_BPS - sides.fee_bps;
    let narrow_out = || {
        let counted = paid.checked_mul(kept)?;
        let below = sides.there_in.checked_mul(WHOLE_BPS)?.checked_add(counted)?;
        Some(sides.there_out.checked_mul(counted)? / below)
    };
    narrow_out().or_else(|| {
        let counted = Wide::from(paid) * Wide::from(kept);
        let below = Wide::from(sides.there_in) * Wide::from(WHOLE_BPS) + counted;
        narrow(Wide::from(sides.there_out) * counted / below)
    })
}

/// What a pool takes for giving `out`, rounded up; None where it has not that much.
pub fn swap_in(out: u128, sides: &Sides) -> Option<u128> {
    if out >= sides.there_out || sides.there_in == 0 {
        return None;
    }
    let kept = WHOLE_BPS - sides.fee_bps;
    let left = sides.there_out - out;
    let narrow_in = || {
        let above = sides.there_in.checked_mul(out)?.checked_mul(WHOLE_BPS)?;
        let below = left.checked_mul(kept)?;
        Some(above.div_ceil(below))
    };
    match narrow_in() {
        Some(paid) => (paid <= MAX_AMOUNT).then_some(paid),
        None => {
            let above = Wide::from(sides.there_in) * Wide::from(out) * Wide::from(WHOLE_BPS);
            let below = Wide::from(left) * Wide::from(kept);
            narrow(above.div_ceil(below))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_narrow_agree_where_both_can() {
        let mut seed = 7u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            u128::from(seed >> 33)
        };
        for _ in 0..1_000 {
            let (a, b, c) = (next(), next(), next() + 1);
            for up in [false, true] {
                let (quotient, rest) = (Wide::from(a) * Wide::from(b)).div_rem(Wide::from(c));
                let quotient = quotient + Wide::from(u8::from(up && !rest.is_zero()));
                assert_eq!(mul_div(a, b, c, up), narrow(quotient));
            }
        }
    }

    #[test]
    fn nothing_overflows_at_the_largest_amounts() {
        let sides = Sides { there_in: MAX_AMOUNT, there_out: MAX_AMOUNT, fee_bps: 30 };
        assert!(swap_out(MAX_AMOUNT, &sides).is_some_and(|out| out < MAX_AMOUNT / 2));
        assert!(swap_in(MAX_AMOUNT / 4, &sides).is_some());
        assert_eq!(mul_div(MAX_AMOUNT, 2, 1, false), None);
        assert_eq!(
            mul_div(MAX_AMOUNT, u128::from(u64::MAX), u128::from(u64::MAX), true),
            Some(MAX_AMOUNT)
        );
    }
}
