//! Accounts and sessions in SQLite.

use app::protocol::{Timestamp, UserId};
use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{SqliteStore, logs, signed};
use crate::store::{Account, Accounts, Error, Result};

fn account(row: &SqliteRow) -> Result<Account> {
    Ok(Account {
        id: UserId(row.try_get("id")?),
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        is_admin: row.try_get("is_admin")?,
        language: row.try_get("language")?,
    })
}

#[async_trait]
impl Accounts for SqliteStore {
    async fn create_account(&self, account: &Account, now: Timestamp) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let is_admin: bool = sqlx::query_scalar(
            "insert into users (id, email, name, password_hash, is_admin, created_at)
             values ($1, $2, $3, $4, not exists (select 1 from users), $5) returning is_admin",
        )
        .bind(account.id.0)
        .bind(&account.email)
        .bind(&account.name)
        .bind(&account.password_hash)
        .bind(signed(now))
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| match error.as_database_error() {
            Some(cause) if cause.is_unique_violation() => Error::EmailTaken,
            _ => error.into(),
        })?;
        logs::create(&mut transaction, account.id.0).await?;
        transaction.commit().await?;
        Ok(is_admin)
    }

    async fn account_by_email(&self, email: &str) -> Result<Option<Account>> {
        let row = sqlx::query("select * from users where email = $1")
            .bind(email)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(account).transpose()
    }

    async fn people_called(&self, name: &str) -> Result<Vec<UserId>> {
        let ids: Vec<Uuid> =
            sqlx::query_scalar("select id from users where lower(name) = lower($1) or email = $2 limit 2")
                .bind(name)
                .bind(name.to_lowercase())
                .fetch_all(&self.read)
                .await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    async fn set_language(&self, user: UserId, language: &str) -> Result<()> {
        sqlx::query("update users set language = $1 where id = $2")
            .bind(language)
            .bind(user.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn create_session(
        &self,
        secret_hash: [u8; 32],
        user: UserId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "insert into sessions (secret_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)",
        )
        .bind(secret_hash.as_slice())
        .bind(user.0)
        .bind(signed(now))
        .bind(signed(expires_at))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn session_account(&self, secret_hash: [u8; 32], now: Timestamp) -> Result<Option<Account>> {
        let row = sqlx::query(
            "select users.* from sessions join users on users.id = sessions.user_id
             where secret_hash = $1 and expires_at > $2",
        )
        .bind(secret_hash.as_slice())
        .bind(signed(now))
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(account).transpose()
    }

    async fn delete_session(&self, secret_hash: [u8; 32]) -> Result<()> {
        sqlx::query("delete from sessions where secret_hash = $1")
            .bind(secret_hash.as_slice())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn delete_expired_sessions(&self, now: Timestamp) -> Result<()> {
        sqlx::query("delete from sessions where expires_at <= $1")
            .bind(signed(now))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
