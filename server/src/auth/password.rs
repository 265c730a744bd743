//! Passwords: Argon2id hashes in PHC format, computed away from the async threads and few at a time.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Hashes computed at the same time; each takes 19 MiB and some ten milliseconds of one core.
const AT_ONCE: usize = 4;

static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// Hash of a password that nobody has: verifying against it takes as long as for an account that exists.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody").ok());

#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

fn hash_now(password: &str) -> Result<String, HashError> {
    let hash: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|error| HashError(error.to_string()))?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
    let place = PLACES.clone().acquire_owned().await.map_err(|error| HashError(error.to_string()))?;
    tokio::task::spawn_blocking(move || {
        let result = work();
        drop(place);
        result
    })
    .await
    .map_err(|error| HashError(error.to_string()))
}

pub async fn hash(password: String) -> Result<String, HashError> {
    aside(move || hash_now(&password)).await?
}

/// Whether the password belongs to the hash; `None` stands for an account that does not exist, and takes as long.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, HashError> {
    aside(move || {
        if let Some(hash) = hash {
            return verify_now(&password, &hash);
        }
        let _ = NOBODY.as_deref().map(|hash| verify_now(&password, hash));
        false
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hash = hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!verify("correct hors".to_owned(), Some(hash)).await.unwrap());
        assert!(!verify("nobody".to_owned(), None).await.unwrap());
        assert!(!verify("x".to_owned(), Some("not a hash".to_owned())).await.unwrap());
    }
}
