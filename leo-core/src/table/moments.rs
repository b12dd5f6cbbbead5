//! Whole arrays of days and points in time as text, as [`cell`](super::cell::cell) writes one of them.

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, StringArray};
use arrow_schema::{DataType, TimeUnit};

/// Days from the first of March of the year 0 to the first of January 1970.
const EPOCH: i64 = 719_468;
const DAY: i64 = 86_400;
/// `9999-12-31 23:59:59.999999999`.
const LONGEST: usize = 29;

/// The texts of an array of days, or of points in time without a zone; nothing for other arrays, and for years that are not written in four
/// digits.
pub(super) fn texts(array: &dyn Array) -> Option<StringArray> {
    match array.data_type() {
        DataType::Date32 => write::<Date32Type>(array, |days, line| line.day(i64::from(days))),
        DataType::Timestamp(TimeUnit::Second, None) => write::<TimestampSecondType>(array, |at, line| line.moment(at, 1)),
        DataType::Timestamp(TimeUnit::Millisecond, None) => {
            write::<TimestampMillisecondType>(array, |at, line| line.moment(at, 1_000))
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            write::<TimestampMicrosecondType>(array, |at, line| line.moment(at, 1_000_000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, None) => {
            write::<TimestampNanosecondType>(array, |at, line| line.moment(at, 1_000_000_000))
        }
        _ => None,
    }
}

fn write<T: ArrowPrimitiveType>(array: &dyn Array, text: impl Fn(T::Native, &mut Line) -> Option<()>) -> Option<StringArray> {
    let mut texts = StringBuilder::with_capacity(array.len(), array.len() * 20);
    let mut line = Line(String::with_capacity(LONGEST));
    for value in array.as_primitive::<T>() {
        match value {
            Some(value) => {
                line.0.clear();
                text(value, &mut line)?;
                texts.append_value(&line.0);
            }
            None => texts.append_null(),
        }
    }
    Some(texts.finish())
}

/// A text that is written again and again.
struct Line(String);

impl Line {
    /// By the calendar of Gregory, counted from March, so that the day that comes every four years is the last one of its year.
    fn day(&mut self, days: i64) -> Option<()> {
        let days = days.checked_add(EPOCH)?;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        if !(0..=9_999).contains(&year) {
            return None;
        }
        self.two(year / 100);
        self.two(year % 100);
        self.0.push('-');
        self.two(month);
        self.0.push('-');
        self.two(day);
        Some(())
    }

    /// A point in time counted in parts of a second.
    fn moment(&mut self, at: i64, parts: i64) -> Option<()> {
        let (seconds, part) = (at.div_euclid(parts), at.rem_euclid(parts));
        self.day(seconds.div_euclid(DAY))?;
        let of_day = seconds.rem_euclid(DAY);
        self.0.push(' ');
        self.two(of_day / 3_600);
        self.0.push(':');
        self.two(of_day / 60 % 60);
        self.0.push(':');
        self.two(of_day % 60);
        if part > 0 {
            self.0.push('.');
            let (mut rest, mut unit) = (part, parts / 10);
            // No zeros at the end.
            while rest > 0 && unit > 0 {
                self.digit(rest / unit);
                (rest, unit) = (rest % unit, unit / 10);
            }
        }
        Some(())
    }

    fn two(&mut self, number: i64) {
        self.digit(number / 10);
        self.digit(number % 10);
    }

    /// `digit` is below ten.
    fn digit(&mut self, digit: i64) {
        self.0.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow_array::{Date32Array, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray};

    use super::super::cell::cell;
    use super::*;

    fn same(array: &dyn Array) {
        let texts = texts(array).unwrap();
        for row in 0..array.len() {
            assert_eq!((!texts.is_null(row)).then(|| texts.value(row).to_owned()), cell(array, row).as_str().map(str::to_owned));
        }
    }

    #[test]
    fn all_at_once_are_written_like_one() {
        let days: Vec<Option<i32>> = (-719_528..2_932_897).step_by(97).map(Some).chain([Some(2_932_896), None]).collect();
        same(&Date32Array::from(days));
        let leap: Vec<i32> = (-365..1_500).chain(10_900..11_400).chain(47_100..47_600).collect();
        same(&Date32Array::from(leap));
        let moments = || (-62_135_596_800_000_000..253_402_300_799_999_999_i64).step_by(99_999_999_900_071);
        same(&TimestampMicrosecondArray::from_iter_values(moments()));
        same(&TimestampMicrosecondArray::from(vec![Some(-1), Some(500_000), Some(1_000_010), None]));
        same(&TimestampMillisecondArray::from_iter_values(moments().map(|at| at / 1_000)));
        same(&TimestampNanosecondArray::from_iter_values(moments().filter_map(|at| at.checked_mul(1_000))));
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_others() {
        assert!(texts(&Date32Array::from(vec![-719_529])).is_none() && texts(&Date32Array::from(vec![2_932_897])).is_none());
        assert!(texts(&TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC")).is_none());
    }
}
