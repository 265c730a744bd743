//! Registering, signing in and out: the rules. The forms and cookies are in `http::accounts`.

use std::sync::Arc;

use app::account::{FormError, Registration, SignIn};
use app::protocol::{User, UserId, UserSettings};
use app::texts::Language;

use super::session::SecretHash;
use super::{password, session};
use crate::clock;
use crate::store::{self, Account, Store};

pub struct Accounts {
    store: Arc<dyn Store>,
}

/// A session that has just begun.
#[expect(missing_debug_implementations, reason = "it holds the secret")]
pub struct Opened {
    pub secret: String,
    /// The language that its user has chosen before.
    pub language: Option<Language>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Accounts")
    }
}

impl Accounts {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Creates an account and signs it in.
    pub async fn register(&self, registration: Registration) -> Result<Opened, FormError> {
        let registration = registration.checked()?;
        let account = Account {
            id: UserId(uuid::Uuid::now_v7()),
            email: registration.email,
            name: registration.name,
            password_hash: password::hash(registration.password).await.map_err(broken)?,
            is_admin: false,
            language: None,
        };
        match self.store.create_account(&account, clock::now()).await {
            Ok(is_admin) => tracing::info!(user = %account.id, is_admin, "an account was created"),
            Err(store::Error::EmailTaken) => return Err(FormError::EmailTaken),
            Err(error) => return Err(broken(error)),
        }
        self.open_session(&account).await
    }

    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Opened, FormError> {
        let sign_in = sign_in.checked()?;
        let account = self.store.account_by_email(&sign_in.email).await.map_err(broken)?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let is_right = password::verify(sign_in.password, hash).await.map_err(broken)?;
        match account {
            Some(account) if is_right => self.open_session(&account).await,
            _ => Err(FormError::WrongCredentials),
        }
    }

    pub async fn sign_out(&self, session: SecretHash) -> store::Result<()> {
        self.store.delete_session(session).await
    }

    /// The account behind a session that has not ended.
    pub async fn user(&self, session: SecretHash) -> store::Result<Option<User>> {
        let account = self.store.session_account(session, clock::now()).await?;
        Ok(account.map(|account| User {
            id: account.id,
            name: account.name,
            email: account.email,
            is_admin: account.is_admin,
            // Pages read them, at a known place of the inbox.
            settings: UserSettings::default(),
        }))
    }

    /// Keeps the language that somebody has chosen.
    pub async fn set_language(&self, user: UserId, language: Language) -> store::Result<()> {
        self.store.set_language(user, language.tag()).await
    }

    async fn open_session(&self, account: &Account) -> Result<Opened, FormError> {
        let secret = session::new_secret().map_err(broken)?;
        let now = clock::now();
        let lifetime = u64::try_from(session::LIFETIME.as_millis()).unwrap_or(u64::MAX);
        let until = now.saturating_add(lifetime);
        self.store.create_session(session::hash(&secret), account.id, now, until).await.map_err(broken)?;
        self.store.delete_expired_sessions(now).await.map_err(broken)?;
        Ok(Opened { secret, language: account.language.as_deref().and_then(Language::named) })
    }
}

fn broken(error: impl std::fmt::Display) -> FormError {
    tracing::error!(%error, "an account form failed");
    FormError::Internal
}
