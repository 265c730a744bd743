### What the pages without a script say; the server alone draws them.

## Every page
description = A chat in which people and Kimi talk in the same rooms.
error-title = Error: { $title }
language-name = English
language-choose = Change the language
back-to-conversation = ← Back to the conversation
back-to-list = Back to your conversations
go-to-list = Go to your conversations
full-time = { $day } { $month } { $year }, { $clock } UTC
nothing-here = There is nothing here
nothing-here-why = The address may be mistyped, or what was here is gone.

## Accounts
sign-in = Sign in
create-an-account = Create an account
create-account = Create account
invited = You are invited to a conversation here. Once you are signed in, you see it.
new-here = New here?
have-account = Have an account?
name = Name
name-hint = Others in your rooms see it.
email = E-mail
password = Password
password-hint = At least 8 characters.
name-missing = Enter the name that others will see.
name-too-long = Choose a name of at most 80 characters.
email-malformed = Enter an e-mail address, such as ana@example.org.
email-taken = There is an account with this e-mail address. Sign in instead.
password-too-short = Choose a password of at least 8 characters.
password-too-long = Choose a password of at most 1,024 bytes.
wrong-credentials = The e-mail address or the password is wrong. Try again.
account-broken = Something went wrong here. Please try again.

## A new room
new-room = New room
kind = What it is
kind-group = A group
kind-group-hint = Any number of people, who can change.
kind-direct = A direct conversation
kind-direct-hint = You and exactly one other person.
title-hint = For groups. Without one, the first message gives it.
people = People
people-hint = Names or e-mail addresses of people with an account here, with commas or in lines. A group can begin without anybody; others can be added or invited later.
kimi = When Kimi answers
kimi-mentioned = When somebody writes @kimi
kimi-always = To every message
kimi-never = Never
create = Create

## An invitation
nameless-room = A room without a name
invites-you = { $name } invites you.
invites-you-as-guest = { $name } invites you as a guest.
invites-you-as-admin = { $name } invites you as an admin.
people-in-it = { $count ->
    [one] { $count } person is in it.
   *[other] { $count } people are in it.
}
join = Join
you-join-as = You join as { $name }. The invitation holds until
not-now = Not now

## The history of a message
history = History of a message
history-wrote = { $name } wrote it on
history-deleted = The message was deleted on
history-withheld = What it said is not shown here any more.
history-empty = Nothing is kept of what it said.
history-now = As it is
history-since = As it is since
history-by = by { $name }
history-until = Until
history-more = Older texts are not listed.

## About a room
about-room = About { $title }
about-archived = This room is archived: it can be read, and nothing can be said in it.
about-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
is-solo = Conversation with Kimi
is-group = Group
is-direct = Direct conversation
answers-always = Kimi answers every message
answers-mentioned = Kimi answers when somebody writes @kimi
answers-never = Kimi does not answer

## Its people
you-two = You two
guest = Guest
member = Member
admin = Admin
owner = Owner
add-somebody = Add somebody
add-hint = The name or the e-mail address of an account here.
role = Role
role-as = As
add = Add
roles-hint = Guests read and write. Members also pin messages and stop Kimi. Admins also look after people and settings.
change = Change
change-person = Change { $name }
is-you = (you)
save-role = Save the role
make-owner = Make { $name } the owner
make-owner-question = The room would be { $name }'s, and you would be an admin of it. Only { $name } could undo that.
hand-over = Hand the room over…
remove-person = Remove { $name }
remove-question = { $name } could no longer read the room, from this moment on.
remove = Remove…
close = Close

## Its invitations
invitations = Invitations
invitations-none = No invitation is open.
invitations-hint = Whoever has the link and an account here can join.
for-so-many = For so many people
for-so-many-hint = Empty: any number.
for-so-long = For
an-hour = An hour
a-day = A day
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
make-link = Make a link
link-label = Link of the invitation, to copy
for-anybody = any number of people
for-more = { $count ->
    [one] { $count } more person
   *[other] { $count } more people
}
link-about = { $role } · for { $people } · by { $name } · until
revoke = Revoke

## Its settings
settings = Settings
rename = Rename
topic = Topic
topic-hint = What the room is about, in at most 250 characters.
model = Model
model-usual = The server's choice: { $model }
model-thinks = thinks first
model-at-once = answers at once
model-sees = sees images
model-gone = not on offer any more; { $model } answers instead
models-missing = The list of models could not be read just now. These are those that are known.
tokens = { $count ->
    [one] { $count } token
   *[other] { $count } tokens
}
thousand-tokens = { NUMBER($count) }K tokens
million-tokens = { NUMBER($count) }M tokens
effort = How much it thinks
effort-hint = What { $model } knows. Save another model first to see what that knows.
effort-default = As it does by itself
effort-off = Not at all
effort-low = A little
effort-medium = Some
effort-high = Much
effort-max = As much as it can
effort-told = How much it thinks: { $effort }.
instructions = Instructions for Kimi
instructions-hint = Told to Kimi before every question, in at most 8,192 bytes: about as many letters in English.
save-settings = Save the settings
instructions-note = Told before every question.
settings-told = { $answers }.
model-told = The model is { $model }.
model-told-instead = The model is { $model }, because { $chosen } is not on offer any more.
notifications = Your notifications
notify-you = Notify you
notify-all = Of every message
notify-mentions = When somebody mentions you
notify-none = Never
save = Save

## Its pinned messages, its days, its end
pinned = Pinned messages
pinned-none = Nothing is pinned.
a-message = A message
unpin = Unpin
go-to-day = Go to a day
day = Day
day-hint = Days begin at midnight UTC.
go = Go to it
end = Archive, leave, delete
bring-back = Bring it back
archive = Archive…
archive-question = It could be read and brought back, and nothing could be said in it.
archive-room = Archive the room
leave = Leave…
leave-question = You could no longer read it, unless somebody adds or invites you again.
leave-direct-question = You could no longer read it.
leave-room = Leave the room
delete = Delete…
delete-question = The room and everything in it would be gone, for everybody and for good.
delete-room = Delete the room
hand-over-first = To leave it, hand it over to somebody else first.

## The chat, said by its style
show-image = Show image:
