//! Registering and signing in: plain forms, posted to plain routes, on pages without any script.

use leptos::prelude::*;

use crate::account::{Field, FormError, FormState, NAME_CHARACTERS, PASSWORD_CHARACTERS};
use crate::components::icons::Brand;

/// The two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountPage {
    SignIn,
    Register,
}

impl AccountPage {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SignIn => "Sign in",
            Self::Register => "Create an account",
        }
    }

    /// The question, the words and the address of the link to the other form.
    fn other(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::SignIn => ("New here?", "Create an account", "/register"),
            Self::Register => ("Have an account?", "Sign in", "/sign-in"),
        }
    }
}

#[component]
pub fn AccountForm(page: AccountPage, state: FormState) -> impl IntoView {
    let is_new = page == AccountPage::Register;
    let action = if is_new { "/account/register" } else { "/account/sign-in" };
    let (question, other, other_address) = page.other();
    view! {
        <main class="card-page">
            <div class="card">
                <Brand />
                <h1>{page.title()}</h1>
                <form method="post" action=action>
                    <Refusal error=state.error />
                    {is_new.then(|| view! { <NameField state=state.clone() /> })}
                    <EmailField state=state.clone() />
                    <PasswordField error=state.error is_new />
                    <button class="button primary" type="submit">
                        {if is_new { "Create account" } else { "Sign in" }}
                    </button>
                </form>
                <p class="aside">{question} " " <a href=other_address>{other}</a></p>
            </div>
        </main>
    }
}

#[component]
fn NameField(state: FormState) -> impl IntoView {
    view! {
        <label class="field">
            <span>"Name"</span>
            <input
                name="name"
                autocomplete="name"
                required
                maxlength=NAME_CHARACTERS.to_string()
                value=state.name
                aria-invalid=invalid(state.error, Field::Name)
                aria-describedby="name-hint"
            />
            <Hint id="name-hint" error=state.error field=Field::Name hint="Others in your rooms see it." />
        </label>
    }
}

/// What is wrong with the form as a whole.
#[component]
fn Refusal(error: Option<FormError>) -> impl IntoView {
    error.filter(|error| error.field().is_none()).map(|error| {
        view! { <p class="refusal" role="alert">{error.message()}</p> }
    })
}

/// The line below a field: what is wrong with it, or what it is for.
#[component]
fn Hint(
    id: &'static str,
    error: Option<FormError>,
    field: Field,
    #[prop(optional)] hint: &'static str,
) -> impl IntoView {
    match error.filter(|error| error.field() == Some(field)) {
        Some(error) => view! { <small id=id class="wrong" role="alert">{error.message()}</small> },
        None => view! { <small id=id class="" role="note">{hint}</small> },
    }
}

fn invalid(error: Option<FormError>, field: Field) -> Option<&'static str> {
    error.is_some_and(|error| error.field() == Some(field)).then_some("true")
}

#[component]
fn EmailField(state: FormState) -> impl IntoView {
    view! {
        <label class="field">
            <span>"E-mail"</span>
            <input
                name="email"
                type="email"
                autocomplete="email"
                required
                value=state.email
                aria-invalid=invalid(state.error, Field::Email)
                aria-describedby="email-hint"
            />
            <Hint id="email-hint" error=state.error field=Field::Email />
        </label>
    }
}

#[component]
fn PasswordField(error: Option<FormError>, is_new: bool) -> impl IntoView {
    view! {
        <label class="field">
            <span>"Password"</span>
            <input
                name="password"
                type="password"
                autocomplete=if is_new { "new-password" } else { "current-password" }
                required
                minlength=is_new.then(|| PASSWORD_CHARACTERS.to_string())
                aria-invalid=invalid(error, Field::Password)
                aria-describedby="password-hint"
            />
            <Hint
                id="password-hint"
                error
                field=Field::Password
                hint=if is_new { "At least 8 characters." } else { "" }
            />
        </label>
    }
}
