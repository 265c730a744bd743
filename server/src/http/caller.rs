//! Who asks: the one place where a session's cookie becomes a user, or 401.

use app::protocol::User;
use axum_extra::extract::CookieJar;

use super::AppState;
use super::failure::HttpFailure;
use crate::auth::session::{self, SecretHash};
use crate::hub::Caller;

/// Somebody with a session that has not ended.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: User,
    pub session: SecretHash,
}

impl SignedIn {
    /// As the sender of commands.
    pub fn caller(self) -> Caller {
        Caller { user: self.user.id, name: self.user.name, session: self.session, told_at: None }
    }
}

/// Whoever's session the cookies carry.
pub async fn signed_in(state: &AppState, cookies: &CookieJar) -> Result<SignedIn, HttpFailure> {
    let session = session::from_cookies(cookies).ok_or_else(HttpFailure::signed_out)?;
    let user = state.accounts.user(session).await.map_err(HttpFailure::internal)?;
    Ok(SignedIn { user: user.ok_or_else(HttpFailure::signed_out)?, session })
}
