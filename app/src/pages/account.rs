//! Registering and signing in: plain forms, posted to plain routes, on pages without any script.

use leptos::prelude::*;

use super::with_next;
use crate::account::{Field, FormError, FormState, NAME_CHARACTERS, PASSWORD_CHARACTERS};
use crate::components::icons::Brand;
use crate::texts;

/// How the address of an invitation begins.
const INVITATIONS: &str = "/invite/";

/// The two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountPage {
    SignIn,
    Register,
}

impl AccountPage {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SignIn => texts::pages::sign_in(),
            Self::Register => texts::pages::create_an_account(),
        }
    }

    /// The question, the words and the address of the link to the other form.
    fn other(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::SignIn => (texts::pages::new_here(), texts::pages::create_an_account(), "/register"),
            Self::Register => (texts::pages::have_account(), texts::pages::sign_in(), "/sign-in"),
        }
    }
}

#[component]
pub fn AccountForm(
    page: AccountPage,
    state: FormState,
    /// Where the reader goes afterwards.
    next: Option<String>,
) -> impl IntoView {
    let is_new = page == AccountPage::Register;
    let action = if is_new { "/account/register" } else { "/account/sign-in" };
    let is_invited = next.as_ref().is_some_and(|next| next.starts_with(INVITATIONS));
    let (question, other, other_address) = page.other();
    let other_address = with_next(other_address, next.as_deref());
    view! {
        <main class="card-page">
            <div class="card">
                <Brand />
                <h1>{page.title()}</h1>
                {is_invited.then(|| view! { <p>{texts::pages::invited()}</p> })}
                <form method="post" action=action>
                    <Refusal error=state.error />
                    {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                    {is_new
                        .then(|| {
                            view! {
                                <Input
                                    field=Field::Name
                                    error=state.error
                                    value=state.name
                                    maxlength=NAME_CHARACTERS
                                    hint=texts::pages::name_hint()
                                />
                            }
                        })}
                    <Input field=Field::Email kind="email" error=state.error value=state.email />
                    <Input
                        field=Field::Password
                        kind="password"
                        error=state.error
                        autocomplete=if is_new { "new-password" } else { "current-password" }
                        minlength=is_new.then_some(PASSWORD_CHARACTERS)
                        hint=if is_new { texts::pages::password_hint() } else { "" }
                    />
                    <button class="button primary" type="submit">
                        {if is_new { texts::pages::create_account() } else { texts::pages::sign_in() }}
                    </button>
                </form>
                <p class="aside">{question} " " <a href=other_address>{other}</a></p>
            </div>
        </main>
    }
}

/// A field with its label and the line below it: what is wrong with it, or what it is for.
#[component]
fn Input(
    field: Field,
    error: Option<FormError>,
    #[prop(default = "text")] kind: &'static str,
    /// Where it is not the name of the field itself.
    #[prop(optional)]
    autocomplete: &'static str,
    #[prop(optional)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(default = None)] minlength: Option<usize>,
    #[prop(optional)] maxlength: Option<usize>,
) -> impl IntoView {
    let (label, name) = match field {
        Field::Name => (texts::pages::name(), "name"),
        Field::Email => (texts::pages::email(), "email"),
        Field::Password => (texts::pages::password(), "password"),
    };
    let error = error.filter(|error| error.field() == Some(field));
    let id = format!("{name}-hint");
    let (class, role, words) = error.map_or(("", "note", hint), |error| ("wrong", "alert", error.message()));
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                name=name
                type=kind
                autocomplete=if autocomplete.is_empty() { name } else { autocomplete }
                required
                minlength=minlength.map(|length| length.to_string())
                maxlength=maxlength.map(|length| length.to_string())
                value=value
                aria-invalid=error.map(|_| "true")
                aria-describedby=id.clone()
            />
            // Without a word it is empty, and has no place.
            <small id=id class=class role=role>{(!words.is_empty()).then_some(words)}</small>
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
