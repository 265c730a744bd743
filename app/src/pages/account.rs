//! Registering and signing in: plain forms, posted to plain routes.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::account::{Field, FormError, FormState, NAME_CHARACTERS, PASSWORD_CHARACTERS};
use crate::api::load_form_state;
use crate::components::Brand;

#[component]
pub fn SignInPage() -> impl IntoView {
    view! {
        <Title text="Sign in" />
        <AccountPage
            title="Sign in"
            other="New here?"
            other_link="Create an account"
            other_address="/register"
            form=|state| {
                view! {
                    <form method="post" action="/account/sign-in">
                        <Refusal error=state.error />
                        <EmailField state=state.clone() />
                        <PasswordField error=state.error is_new=false />
                        <button class="button primary" type="submit">"Sign in"</button>
                    </form>
                }
                    .into_any()
            }
        />
    }
}

#[component]
pub fn RegisterPage() -> impl IntoView {
    view! {
        <Title text="Create an account" />
        <AccountPage
            title="Create an account"
            other="Have an account?"
            other_link="Sign in"
            other_address="/sign-in"
            form=|state| {
                view! {
                    <form method="post" action="/account/register">
                        <Refusal error=state.error />
                        <label class="field">
                            <span>"Name"</span>
                            <input
                                name="name"
                                autocomplete="name"
                                required
                                maxlength=NAME_CHARACTERS.to_string()
                                value=state.name.clone()
                                aria-invalid=invalid(state.error, Field::Name)
                                aria-describedby="name-hint"
                            />
                            <Hint id="name-hint" error=state.error field=Field::Name hint="Others in your rooms see it." />
                        </label>
                        <EmailField state=state.clone() />
                        <PasswordField error=state.error is_new=true />
                        <button class="button primary" type="submit">"Create account"</button>
                    </form>
                }
                    .into_any()
            }
        />
    }
}

#[component]
fn AccountPage(
    title: &'static str,
    other: &'static str,
    other_link: &'static str,
    other_address: &'static str,
    form: fn(FormState) -> AnyView,
) -> impl IntoView {
    let state = Resource::new_blocking(|| (), |()| load_form_state());
    view! {
        <main class="card-page">
            <div class="card">
                <Brand />
                <h1>{title}</h1>
                <Suspense>
                    {move || Suspend::new(async move { form(state.await.unwrap_or_default()) })}
                </Suspense>
                // A plain link: the other page starts with its own form's state.
                <p class="aside">{other} " " <a href=other_address rel="external">{other_link}</a></p>
            </div>
        </main>
    }
    .into_any()
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
