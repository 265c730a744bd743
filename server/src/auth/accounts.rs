//! Registering, signing in and out: the rules. The forms and cookies are in `http::accounts`.

use std::sync::Arc;

use app::account::{FormError, Registration, SignIn};
use app::protocol::{User, UserId, UserSettings};

use super::session::SecretHash;
use super::{password, session};
use crate::clock;
use crate::store::{self, Account, Store};

pub struct Accounts {
    store: Arc<dyn Store>,
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

    /// Creates an account and signs it in. Returns the secret of the session.
    pub async fn register(&self, registration: Registration) -> Result<String, FormError> {
        let registration = registration.checked()?;
        let account = Account {
            id: UserId(uuid::Uuid::now_v7()),
            email: registration.email,
            name: registration.name,
            password_hash: password::hash(registration.password).await.map_err(broken)?,
            is_admin: false,
        };
        match self.store.create_account(&account, clock::now()).await {
            Ok(is_admin) => tracing::info!(user = %account.id, is_admin, "an account was created"),
            Err(store::Error::EmailTaken) => return Err(FormError::EmailTaken),
            Err(error) => return Err(broken(error)),
        }
        self.open_session(account.id).await
    }

    /// Returns the secret of a new session.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<String, FormError> {
        let sign_in = sign_in.checked()?;
        let account = self.store.account_by_email(&sign_in.email).await.map_err(broken)?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let is_right = password::verify(sign_in.password, hash).await.map_err(broken)?;
        match account {
            Some(account) if is_right => self.open_session(account.id).await,
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

    async fn open_session(&self, user: UserId) -> Result<String, FormError> {
        let secret = session::new_secret().map_err(broken)?;
        let now = clock::now();
        let lifetime = u64::try_from(session::LIFETIME.as_millis()).unwrap_or(u64::MAX);
        let until = now.saturating_add(lifetime);
        self.store.create_session(session::hash(&secret), user, now, until).await.map_err(broken)?;
        self.store.delete_expired_sessions(now).await.map_err(broken)?;
        Ok(secret)
    }
}

fn broken(error: impl std::fmt::Display) -> FormError {
    tracing::error!(%error, "an account form failed");
    FormError::Internal
}
