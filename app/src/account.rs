//! The account forms: their fields, the rules for them, and what can be wrong. Pure; the server applies the rules and
//! says what is wrong.

use serde::{Deserialize, Serialize};

/// The shortest password, in characters.
pub const PASSWORD_CHARACTERS: usize = 8;
/// The longest password, in bytes; hashing more would only cost time.
pub const PASSWORD_BYTES: usize = 1_024;
/// The longest name, in characters.
pub const NAME_CHARACTERS: usize = 80;
/// The longest e-mail address, in bytes (RFC 5321, section 4.5.3.1, less the angle brackets).
pub const EMAIL_BYTES: usize = 254;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_debug_implementations, reason = "it holds a password")]
pub struct Registration {
    pub name: String,
    pub email: String,
    pub password: String,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_debug_implementations, reason = "it holds a password")]
pub struct SignIn {
    pub email: String,
    pub password: String,
}

/// What a form shows after it was refused: never the password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    pub error: Option<FormError>,
    pub name: String,
    pub email: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormError {
    NameMissing,
    NameTooLong,
    EmailMalformed,
    EmailTaken,
    PasswordTooShort,
    PasswordTooLong,
    WrongCredentials,
    Internal,
}

/// The fields that an error can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Name,
    Email,
    Password,
}

impl FormError {
    /// One sentence that says what to do.
    #[cfg(feature = "ssr")]
    pub fn message(self) -> &'static str {
        match self {
            Self::NameMissing => crate::texts::pages::name_missing(),
            Self::NameTooLong => crate::texts::pages::name_too_long(),
            Self::EmailMalformed => crate::texts::pages::email_malformed(),
            Self::EmailTaken => crate::texts::pages::email_taken(),
            Self::PasswordTooShort => crate::texts::pages::password_too_short(),
            Self::PasswordTooLong => crate::texts::pages::password_too_long(),
            Self::WrongCredentials => crate::texts::pages::wrong_credentials(),
            Self::Internal => crate::texts::pages::account_broken(),
        }
    }

    /// The field to mend; `None` when it is none of them alone.
    pub fn field(self) -> Option<Field> {
        match self {
            Self::NameMissing | Self::NameTooLong => Some(Field::Name),
            Self::EmailMalformed | Self::EmailTaken => Some(Field::Email),
            Self::PasswordTooShort | Self::PasswordTooLong => Some(Field::Password),
            Self::WrongCredentials | Self::Internal => None,
        }
    }
}

impl Registration {
    /// The form as it is stored: trimmed, the address in lower case.
    pub fn checked(self) -> Result<Self, FormError> {
        let name = self.name.trim();
        if !name.chars().any(char::is_alphanumeric) || name.chars().any(char::is_control) {
            return Err(FormError::NameMissing);
        }
        if name.chars().count() > NAME_CHARACTERS {
            return Err(FormError::NameTooLong);
        }
        let email = email(&self.email)?;
        if self.password.chars().count() < PASSWORD_CHARACTERS {
            return Err(FormError::PasswordTooShort);
        }
        if self.password.len() > PASSWORD_BYTES {
            return Err(FormError::PasswordTooLong);
        }
        Ok(Self { name: name.to_owned(), email, password: self.password })
    }
}

impl SignIn {
    pub fn checked(self) -> Result<Self, FormError> {
        let email = email(&self.email)?;
        if self.password.len() > PASSWORD_BYTES {
            return Err(FormError::WrongCredentials);
        }
        Ok(Self { email, password: self.password })
    }
}

/// Only what is surely no address is refused; whether it is one shows when a mail arrives.
fn email(text: &str) -> Result<String, FormError> {
    let email = text.trim().to_lowercase();
    let is_plausible = email.len() <= EMAIL_BYTES
        && !email.chars().any(|character| character.is_whitespace() || character.is_control())
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        });
    if is_plausible { Ok(email) } else { Err(FormError::EmailMalformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(name: &str, email: &str, password: &str) -> Result<(String, String), FormError> {
        Registration { name: name.to_owned(), email: email.to_owned(), password: password.to_owned() }
            .checked()
            .map(|checked| (checked.name, checked.email))
    }

    #[test]
    fn a_good_form_is_tidied() {
        let expected = Ok(("Ana".to_owned(), "ana@example.org".to_owned()));
        assert_eq!(register(" Ana ", " Ana@Example.ORG ", "long enough"), expected);
    }

    #[test]
    fn bad_forms_say_what_to_mend() {
        let long = "x".repeat(NAME_CHARACTERS + 1);
        for (name, email, password, error) in [
            ("", "a@b.c", "long enough", FormError::NameMissing),
            ("\u{200b}", "a@b.c", "long enough", FormError::NameMissing),
            (&long, "a@b.c", "long enough", FormError::NameTooLong),
            ("Ana", "", "long enough", FormError::EmailMalformed),
            ("Ana", "ana", "long enough", FormError::EmailMalformed),
            ("Ana", "@b.c", "long enough", FormError::EmailMalformed),
            ("Ana", "a@", "long enough", FormError::EmailMalformed),
            ("Ana", "a@b@c", "long enough", FormError::EmailMalformed),
            ("Ana", "a b@c.d", "long enough", FormError::EmailMalformed),
            ("Ana", "a@b.c", "short", FormError::PasswordTooShort),
            ("Ana", "a@b.c", &"x".repeat(PASSWORD_BYTES + 1), FormError::PasswordTooLong),
        ] {
            assert_eq!(register(name, email, password), Err(error), "{name:?} {email:?}");
        }
    }
}
