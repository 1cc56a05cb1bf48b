//! Single values as JSON: what a program that writes JSON Lines would write for them.
//!
//! Dates and times are ISO 8601, as the date fields of records accept them. Numbers that JSON does not
//! have, and bytes that are no text, are `null`.

use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, Span};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use parquet::schema::types::ColumnDescriptor;
use pressrun_posts::parse::bytes::decode_bytes;
use serde_json::{Number, Value};

/// What the stored values of a column mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnMeaning {
    /// Text, also as bytes whose meaning is not stated.
    Text {
        is_stated: bool,
    },
    /// A number as it is stored.
    Number,
    /// A whole number without a sign, of 32 or 64 bits.
    Unsigned,
    HalfFloat,
    Decimal {
        scale: i32,
    },
    Date,
    Time(ClockUnit),
    Timestamp {
        unit: ClockUnit,
        is_utc: bool,
    },
    Uuid,
    /// Bytes that are no text.
    Opaque,
}

/// What a stored time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockUnit {
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl ClockUnit {
    fn from_unit(unit: TimeUnit) -> Self {
        match unit {
            TimeUnit::MILLIS => Self::Milliseconds,
            TimeUnit::MICROS => Self::Microseconds,
            TimeUnit::NANOS => Self::Nanoseconds,
        }
    }

    fn duration(self, count: i64) -> SignedDuration {
        match self {
            Self::Milliseconds => SignedDuration::from_millis(count),
            Self::Microseconds => SignedDuration::from_micros(count),
            Self::Nanoseconds => SignedDuration::from_nanos(count),
        }
    }
}

impl ColumnMeaning {
    /// Returns what the values of a column mean.
    pub(crate) fn of_column(column: &ColumnDescriptor) -> Self {
        let logical = column.logical_type_ref();
        logical
            .and_then(|logical| Self::from_logical(logical, column))
            .unwrap_or_else(|| Self::from_converted(column))
    }

    fn from_logical(logical: &LogicalType, column: &ColumnDescriptor) -> Option<Self> {
        Some(match logical {
            LogicalType::String | LogicalType::Enum | LogicalType::Json => {
                Self::Text { is_stated: true }
            }
            LogicalType::Decimal(kind) => Self::Decimal { scale: kind.scale },
            LogicalType::Date => Self::Date,
            LogicalType::Time(kind) => Self::Time(ClockUnit::from_unit(kind.unit)),
            LogicalType::Timestamp(kind) => Self::Timestamp {
                unit: ClockUnit::from_unit(kind.unit),
                is_utc: kind.is_adjusted_to_u_t_c,
            },
            LogicalType::Integer(kind) if !kind.is_signed => Self::Unsigned,
            LogicalType::Integer(_) => Self::Number,
            LogicalType::Uuid if column.type_length() == 16 => Self::Uuid,
            LogicalType::Float16 if column.type_length() == 2 => Self::HalfFloat,
            LogicalType::Bson | LogicalType::Uuid | LogicalType::Float16 => Self::Opaque,
            _ => return None,
        })
    }

    fn from_converted(column: &ColumnDescriptor) -> Self {
        use ClockUnit::{Microseconds, Milliseconds};
        // The types of old files are in universal time.
        let timestamp = |unit| Self::Timestamp { unit, is_utc: true };
        match column.converted_type() {
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => {
                Self::Text { is_stated: true }
            }
            ConvertedType::DECIMAL => Self::Decimal {
                scale: column.type_scale(),
            },
            ConvertedType::DATE => Self::Date,
            ConvertedType::TIME_MILLIS => Self::Time(Milliseconds),
            ConvertedType::TIME_MICROS => Self::Time(Microseconds),
            ConvertedType::TIMESTAMP_MILLIS => timestamp(Milliseconds),
            ConvertedType::TIMESTAMP_MICROS => timestamp(Microseconds),
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Self::Unsigned,
            ConvertedType::BSON | ConvertedType::INTERVAL => Self::Opaque,
            _ => match column.physical_type() {
                PhysicalType::BYTE_ARRAY | PhysicalType::FIXED_LEN_BYTE_ARRAY => {
                    Self::Text { is_stated: false }
                }
                _ => Self::Number,
            },
        }
    }
}

/// Returns a value that is stored as a whole number.
pub(crate) fn convert_integer(kind: ColumnMeaning, number: i64) -> Value {
    match kind {
        ColumnMeaning::Unsigned => number.cast_unsigned().into(),
        ColumnMeaning::Decimal { scale } => decimal_text(&number.to_be_bytes(), scale),
        ColumnMeaning::Date => {
            let day = Span::new().try_days(number);
            let day = day.and_then(|days| date(1970, 1, 1).checked_add(days));
            let unknown = |_| format!("{number} days after 1970-01-01");
            day.map_or_else(unknown, |day| day.to_string()).into()
        }
        ColumnMeaning::Time(unit) => {
            let time = date(1970, 1, 1)
                .at(0, 0, 0, 0)
                .checked_add(unit.duration(number));
            time.map_or(Value::Null, |time| time.time().to_string().into())
        }
        ColumnMeaning::Timestamp { unit, is_utc } => timestamp_text(unit.duration(number), is_utc),
        _ => number.into(),
    }
}

/// Returns a whole number of 32 bits without a sign, which is stored as one with a sign.
pub(crate) fn convert_small_integer(kind: ColumnMeaning, number: i32) -> Value {
    match kind {
        ColumnMeaning::Unsigned => number.cast_unsigned().into(),
        _ => convert_integer(kind, number.into()),
    }
}

/// Returns a number that may have a fraction.
pub(crate) fn convert_float(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// Returns a number of 32 bits with the digits that it is written with, and not those of the number of
/// 64 bits that it is.
pub(crate) fn convert_small_float(number: f32) -> Value {
    convert_float(number.to_string().parse().unwrap_or(f64::NAN))
}

/// Returns a moment as old files store it: a time of the day in nanoseconds, and a Julian day.
pub(crate) fn convert_int96(words: &[u32]) -> Value {
    const EPOCH: i64 = 2_440_588;
    let &[low, high, day] = words else {
        return Value::Null;
    };
    let nanoseconds = i64::from(high) << 32 | i64::from(low);
    let days = SignedDuration::from_secs((i64::from(day) - EPOCH) * 86_400);
    let moment = days.checked_add(SignedDuration::from_nanos(nanoseconds));
    moment.map_or(Value::Null, |moment| timestamp_text(moment, false))
}

fn timestamp_text(since_epoch: SignedDuration, is_utc: bool) -> Value {
    let moment: Result<DateTime, _> = date(1970, 1, 1).at(0, 0, 0, 0).checked_add(since_epoch);
    let zone = if is_utc { "Z" } else { "" };
    match moment {
        Ok(moment) => format!("{moment}{zone}").into(),
        // The field that it is in reports it.
        Err(_) => format!("{} seconds after 1970-01-01", since_epoch.as_secs()).into(),
    }
}

/// A value that is stored as bytes, and whether some of them were not UTF-8.
#[derive(Debug, PartialEq)]
pub(crate) struct ConvertedBytes {
    pub(crate) value: Value,
    pub(crate) is_repaired: bool,
}

/// Returns a value that is stored as bytes.
pub(crate) fn convert_bytes(kind: ColumnMeaning, bytes: &[u8]) -> ConvertedBytes {
    let mut is_repaired = false;
    let value = match kind {
        ColumnMeaning::Text { is_stated } => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) if is_stated => {
                is_repaired = true;
                match decode_bytes(bytes) {
                    Ok(decoded) => decoded.text.into(),
                    // A NUL among bytes that are no UTF-8.
                    Err(_) => String::from_utf8_lossy(bytes).into(),
                }
            }
            // A picture, for example.
            Err(_) => Value::Null,
        },
        ColumnMeaning::Decimal { scale } => decimal_text(bytes, scale),
        ColumnMeaning::Uuid => uuid_text(bytes),
        ColumnMeaning::HalfFloat => match bytes {
            &[low, high] => convert_small_float(half_float(u16::from_le_bytes([low, high]))),
            _ => Value::Null,
        },
        _ => Value::Null,
    };
    ConvertedBytes { value, is_repaired }
}

/// The most bytes of a decimal number, for 150 digits. Writers use 16.
const MOST_DECIMAL: usize = 64;

/// Returns the digits of a number in two's complement, the highest byte first.
fn decimal_text(bytes: &[u8], scale: i32) -> Value {
    let scale = usize::try_from(scale)
        .ok()
        .filter(|scale| *scale <= 2 * MOST_DECIMAL);
    let Some(scale) = scale.filter(|_| bytes.len() <= MOST_DECIMAL) else {
        return Value::Null;
    };
    let is_negative = bytes.first().is_some_and(|&high| high & 0x80 != 0);
    let mut number = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in number.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    // From the last digit on, with at least one before the point.
    let mut digits = Vec::new();
    while digits.len() <= scale || number.iter().any(|&byte| byte != 0) {
        let mut rest = 0;
        for byte in &mut number {
            let part = rest << 8 | u32::from(*byte);
            *byte = (part / 10) as u8;
            rest = part % 10;
        }
        digits.push(b'0' + rest as u8);
    }
    if scale > 0 {
        digits.insert(scale, b'.');
    }
    let sign = if is_negative { "-" } else { "" };
    let digits: String = digits
        .iter()
        .rev()
        .map(|&digit| char::from(digit))
        .collect();
    format!("{sign}{digits}").into()
}

fn uuid_text(bytes: &[u8]) -> Value {
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text.into()
}

/// Returns the number that 16 bits stand for: a sign, 5 bits of exponent, 10 of fraction.
fn half_float(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1F);
    let fraction = f32::from(bits & 0x3FF) / 1024.0;
    sign * match exponent {
        0 => fraction * 2_f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2_f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        let check = |number: i64, scale: i32, expected: &str| {
            assert_eq!(decimal_text(&number.to_be_bytes(), scale), json!(expected));
        };
        check(1230, 2, "12.30");
        check(-5, 2, "-0.05");
        check(0, 0, "0");
        check(0, 3, "0.000");
        check(120, 0, "120");
        check(i64::MIN, 0, "-9223372036854775808");
        let large = [0x7F; 16];
        let expected = i128::from_be_bytes(large).to_string();
        assert_eq!(decimal_text(&large, 0), json!(expected));
        assert_eq!(decimal_text(&[1; 65], 0), Value::Null);
        assert_eq!(decimal_text(&[1], -1), Value::Null);
        assert_eq!(decimal_text(&[], 1), json!("0.0"));
    }

    #[test]
    fn dates_and_times_are_iso_8601() {
        let day = |days| convert_integer(ColumnMeaning::Date, days);
        assert_eq!(day(19_723), json!("2024-01-01"));
        assert_eq!(day(-1), json!("1969-12-31"));
        assert_eq!(
            day(i64::MAX),
            json!("9223372036854775807 days after 1970-01-01")
        );
        let moment =
            |unit, is_utc, count| convert_integer(ColumnMeaning::Timestamp { unit, is_utc }, count);
        let noon = 1_704_110_400;
        assert_eq!(
            moment(ClockUnit::Milliseconds, true, noon * 1000),
            json!("2024-01-01T12:00:00Z")
        );
        assert_eq!(
            moment(
                ClockUnit::Nanoseconds,
                false,
                noon * 1_000_000_000 + 500_000_000
            ),
            json!("2024-01-01T12:00:00.5")
        );
        assert!(moment(ClockUnit::Milliseconds, true, i64::MAX).is_string());
        let time = convert_integer(ColumnMeaning::Time(ClockUnit::Microseconds), 3_661_000_000);
        assert_eq!(time, json!("01:01:01"));
        let noon_as_int96 = [0x6DB7_0000, 0x2743, 2_460_311];
        let nanoseconds = 0x2743_6DB7_0000_i64;
        let expected =
            SignedDuration::from_secs(19_723 * 86_400) + SignedDuration::from_nanos(nanoseconds);
        assert_eq!(
            convert_int96(&noon_as_int96),
            timestamp_text(expected, false)
        );
    }

    #[test]
    fn numbers_are_written_with_their_own_digits() {
        assert_eq!(convert_small_float(0.1), json!(0.1));
        assert_eq!(convert_float(f64::NAN), Value::Null);
        assert_eq!(
            convert_small_integer(ColumnMeaning::Unsigned, -1),
            json!(u32::MAX)
        );
        assert_eq!(
            convert_integer(ColumnMeaning::Unsigned, -1),
            json!(u64::MAX)
        );
        let half = |bits: u16| convert_bytes(ColumnMeaning::HalfFloat, &bits.to_le_bytes()).value;
        assert_eq!(half(0x3E00), json!(1.5));
        assert_eq!(half(0xC000), json!(-2.0));
        assert_eq!(half(0x7C00), Value::Null);
    }

    #[test]
    fn bytes_are_text_if_they_can_be() {
        let text =
            |is_stated, bytes: &[u8]| convert_bytes(ColumnMeaning::Text { is_stated }, bytes);
        assert_eq!(text(false, "Tee ☕".as_bytes()).value, json!("Tee ☕"));
        assert_eq!(text(false, b"\x89PNG").value, Value::Null);
        let repaired = ConvertedBytes {
            value: json!("caf\u{e9}"),
            is_repaired: true,
        };
        assert_eq!(text(true, b"caf\xE9"), repaired);
        let uuid = convert_bytes(ColumnMeaning::Uuid, &[0xAB; 16]).value;
        assert_eq!(uuid, json!("abababab-abab-abab-abab-abababababab"));
    }
}
