//! Personal data, by the name of a column and by the shape of a value.

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Personal {
    Address,
    BirthDate,
    CardNumber,
    Email,
    Name,
    NationalId,
    Phone,
}

impl Personal {
    /// The words used in messages.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "street addresses",
            Self::BirthDate => "dates of birth",
            Self::CardNumber => "card or account numbers",
            Self::Email => "mail addresses",
            Self::Name => "names of people",
            Self::NationalId => "identity or insurance numbers",
            Self::Phone => "telephone numbers",
        }
    }
}

/// Names of columns, without separators and in lower case, sorted.
#[rustfmt::skip]
const NAMES: &[(&str, Personal)] = &[
    ("address", Personal::Address), ("birthdate", Personal::BirthDate), ("birthday", Personal::BirthDate),
    ("cardnumber", Personal::CardNumber), ("cellphone", Personal::Phone),
    ("creditcard", Personal::CardNumber), ("customername", Personal::Name),
    ("dateofbirth", Personal::BirthDate), ("dob", Personal::BirthDate), ("email", Personal::Email),
    ("emailaddress", Personal::Email), ("employeename", Personal::Name), ("familyname", Personal::Name),
    ("firstname", Personal::Name), ("forename", Personal::Name), ("fullname", Personal::Name),
    ("givenname", Personal::Name), ("homeaddress", Personal::Address), ("iban", Personal::CardNumber),
    ("insurancenumber", Personal::NationalId), ("lastname", Personal::Name), ("maidenname", Personal::Name),
    ("mail", Personal::Email), ("mobile", Personal::Phone), ("mobilephone", Personal::Phone),
    ("nationalid", Personal::NationalId), ("nhsnumber", Personal::NationalId),
    ("passport", Personal::NationalId), ("passportnumber", Personal::NationalId),
    ("patientname", Personal::Name), ("personname", Personal::Name), ("phone", Personal::Phone),
    ("phonenumber", Personal::Phone), ("postaladdress", Personal::Address),
    ("socialsecuritynumber", Personal::NationalId), ("ssn", Personal::NationalId),
    ("street", Personal::Address), ("streetaddress", Personal::Address), ("surname", Personal::Name),
    ("taxid", Personal::NationalId), ("telephone", Personal::Phone),
];

/// The kind that a column's name announces.
pub(crate) fn of_name(name: &str) -> Option<Personal> {
    let bare: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    NAMES.binary_search_by(|(known, _)| (*known).cmp(bare.as_str())).ok().map(|at| NAMES[at].1)
}

/// The kind that a value has the shape of; a date counts as one of birth.
pub(crate) fn of_value(value: &str) -> Option<Personal> {
    let value = value.trim().trim_matches(['"', '\'', '(', ')', '[', ']']);
    if is_email(value) {
        Some(Personal::Email)
    } else if is_card(value) || is_iban(value) {
        Some(Personal::CardNumber)
    } else if is_date(value) {
        Some(Personal::BirthDate)
    } else if is_ssn(value) {
        Some(Personal::NationalId)
    } else if is_phone(value) {
        Some(Personal::Phone)
    } else {
        None
    }
}

/// Whether a value may be of a kind that its column's name announces.
pub(crate) fn agrees(kind: Personal, value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let digits = value.chars().filter(char::is_ascii_digit).count();
    match kind {
        // Hashes and codes that stand for a person have digits among their letters.
        Personal::Name => letters >= 3 && digits == 0,
        Personal::Address => letters >= 3 && value.contains(' '),
        Personal::NationalId | Personal::CardNumber => digits >= 6 && value.len() <= 34,
        Personal::Phone => digits >= 6 && letters == 0,
        Personal::Email | Personal::BirthDate => of_value(value) == Some(kind),
    }
}

fn is_email(value: &str) -> bool {
    let Some((user, host)) = value.split_once('@') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let ending = host.rsplit('.').next().unwrap_or_default();
    !user.is_empty()
        && user.chars().all(plain)
        && host.contains('.')
        && host.chars().all(plain)
        && !host.starts_with('.')
        && ending.len() >= 2
        && ending.chars().all(|c| c.is_ascii_alphabetic())
}

/// `1961-02-11` or `11.02.1961`, of a person alive.
fn is_date(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '.', '/']).collect();
    let [a, b, c] = parts.as_slice() else { return false };
    let year =
        |text: &str| text.len() == 4 && text.parse::<u32>().is_ok_and(|year| (1900..=2030).contains(&year));
    let day = |text: &str| text.len() <= 2 && text.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day));
    (year(a) && day(b) && day(c)) || (day(a) && day(b) && year(c))
}

/// A United States social security number, `123-45-6789`.
fn is_ssn(value: &str) -> bool {
    let lengths: Vec<usize> = value.split('-').map(str::len).collect();
    lengths == [3, 2, 4]
        && value.bytes().all(|b| b == b'-' || b.is_ascii_digit())
        && !value.starts_with("000")
}

/// `+49 30 …`, or at least nine digits in groups.
fn is_phone(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let allowed = value.bytes().all(|byte| byte.is_ascii_digit() || b"+ ()-./".contains(&byte));
    let grouped = value.contains([' ', '-', '(']) && !value.contains('.');
    allowed
        && (7..=15).contains(&digits)
        && (value.starts_with('+') || (digits >= 9 && grouped && value.starts_with(['0', '('])))
}

/// Sixteen digits in groups of four that pass the check of ISO/IEC 7812 (Luhn).
fn is_card(value: &str) -> bool {
    let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(10)).collect();
    let grouped =
        value.len() == 19 && value.bytes().all(|byte| byte.is_ascii_digit() || b" -".contains(&byte));
    if digits.len() != 16 || !grouped {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    sum.is_multiple_of(10)
}

/// An account number whose check digits are right (ISO 13616).
fn is_iban(value: &str) -> bool {
    let bare: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = bare.as_bytes();
    if !(15..=34).contains(&bytes.len())
        || !bytes.iter().all(u8::is_ascii_alphanumeric)
        || !bytes[..2].iter().all(u8::is_ascii_uppercase)
        || !bytes[2..4].iter().all(u8::is_ascii_digit)
    {
        return false;
    }
    let remainder = bytes[4..].iter().chain(&bytes[..4]).fold(0_u32, |rest, byte| {
        let digit = char::from(*byte).to_digit(36).unwrap_or(0);
        (if digit > 9 { rest * 100 } else { rest * 10 } + digit) % 97
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found_in_any_spelling() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(of_name("Date of Birth"), Some(Personal::BirthDate));
        assert_eq!(of_name("patient_name"), Some(Personal::Name));
        for name in ["name", "department", "mean_radius", "age", "sex", "model_name"] {
            assert_eq!(of_name(name), None, "{name}");
        }
    }

    #[test]
    fn values_are_told_by_their_shape() {
        for (value, kind) in [
            ("alma@patient.example", Personal::Email),
            ("1961-02-11", Personal::BirthDate),
            ("+49 30 555 0101", Personal::Phone),
            ("4111 1111 1111 1111", Personal::CardNumber),
            ("GB82 WEST 1234 5698 7654 32", Personal::CardNumber),
        ] {
            assert_eq!(of_value(value), Some(kind), "{value}");
        }
        for value in
            ["0.3516", "12345678", "2026", "a@b", "1.2.3", "v1-2-3", "4111 1111 1111 1112", "-0.5", "200-300"]
        {
            assert_eq!(of_value(value), None, "{value}");
        }
    }
}
