### What the chat's page says. It is in the browser's bundle, in English, so that every byte counts.

## Numbers and times
number-separator = ,
clock = { $hours }:{ $minutes }
short-date = { $day } { $month }, { $clock }
short-date-year = { $day } { $month } { $year }, { $clock }
short-months = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
seconds = { NUMBER($seconds) } s
minutes = { NUMBER($minutes) } min { NUMBER($seconds) } s

## Names in a sentence
names-and = { $names } and { $last }
somebody = Somebody
you = You
others = { $count ->
    [one] { $count } other
   *[other] { $count } others
}
people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}

## The page
skip = Skip to the conversation
show-list = Show the list of conversations
conversations = Conversations

## The list of rooms
new-conversation = New conversation
new-room = New room with people
archived = Archived
rooms-empty = Your conversations will be listed here.
stay = Stay
sign-out = Sign out
notify-me = Notify me, with a sound
unsent = { $count ->
    [one] One thing you did is not sent yet and would be lost.
   *[other] { $count } things you did are not sent yet and would be lost.
}
rename = Rename
delete = Delete
new-name = New name
save = Save
cancel = Cancel
keep = Keep
delete-label = Delete { $title }?
delete-question = Delete “{ $title }” and everything in it?
unread = { NUMBER($count) } unread
mentions = { $count ->
    [one] { $count } mention
   *[other] { $count } mentions
}

## The head of a room
about = About
here-of = { NUMBER($here) } here of { NUMBER($all) }
is-here = here
is-away = away
last-here = last here { $time }
not-here = not here
notify-of = Notify me of
notify-all = Everything
notify-mentions = Mentions
notify-none = Nothing
details = Details
is-archived = This conversation is archived. Nothing can be said in it.

## A room that can't be shown, or is new
loading = Loading the conversation…
gone = This conversation is not there
gone-why = It may have been deleted, or it belongs to somebody else.
begin-new = Begin a new one
not-loaded = The conversation could not be loaded
not-loaded-why = It is tried again by itself.
welcome = What would you like to talk about?
suggestion-explain = Explain how a WebSocket stays open, with a small diagram
suggestion-plan = Plan a weekend in Jakarta, as a table
suggestion-write = Write a haiku about rain, then explain it
suggestion-code = Show me quicksort in Rust and how to test it
dismiss = Dismiss
keys = Enter goes to the newest message. On a message: up and down for others, left and right for its other versions, Enter for what can be done with it, R to reply, E to edit, G to have it written again, Q to quote, C to copy it, P to pin, L to copy its link, U to mark it as unread, Delete to delete it, Escape to write.

## Messages
messages = Messages
earlier = Earlier messages
newest = The newest messages
nothing-said = Nothing has been said here yet.
to-unread = Jump to the first unread
to-latest = Jump to the latest message
to-latest-new = { $count ->
    [one] Jump to the latest message, { $count } is new
   *[other] Jump to the latest message, { $count } are new
}
new-line = New
said = { $name } said
you-said = You said
typing = { $names } is typing
typing-several = { $names } are typing
further-up = a message further up
was-deleted = This message was deleted.
deleted = deleted
pinned = pinned
edited = edited
edited-by = edited by { $name }
seen-by = Seen by { $names }
version = Version { $number } of { $count }
earlier-version = Earlier version
later-version = Later version
waiting-for-connection = Waiting for the connection
waiting = Waiting to be sent
sending = Sending…
retry = Retry
discard = Discard

## What can be done with a message
toolbar = For this message
reply = Reply
react = React
edit = Edit
regenerate = Regenerate
quote = Quote
pin = Pin
unpin = Unpin
copy-link = Copy link
mark-unread = Mark unread
stop-reply = Stop reply
history = History
delete-for-all = Delete it for everybody?
link-copied = Link copied
wrap = Wrap
unwrap = Unwrap
copy = Copy
copied = Copied
code = code
code-lines = { $count ->
    [one] { $language } · { $count } line
   *[other] { $language } · { $count } lines
}

## What Kimi is doing
about-to-answer = Kimi is about to answer
replies-before = { $count ->
    [one] , { $count } reply before it
   *[other] , { $count } replies before it
}
is-thinking = Kimi is thinking
is-using = Kimi is using { $tool }
is-using-tool = Kimi is using a tool
has-used = Kimi used { $tool }
web-search = web search
is-writing = Kimi is writing
is-done = Kimi is done
what-is-said = What is said
says = { $name }: { $words }
code-in = Code { $language }
speed = { $time } · about { NUMBER($tokens) } tokens/s
thinking = Thinking
thinking-for = Thinking · { $time }
thought = Thought for a moment
thought-for = Thought for { $time }
stopped = Stopped.
stopped-by = Stopped by { $name }.
not-answered = Kimi could not answer.
cut-off = The reply was cut off.
go-on = Continue

## By what a reply is written
model-and-instructions = Model and instructions
form-loading = Loading…
form-failed = It could not be loaded. Close this and try again.
bytes-of = { NUMBER($bytes) } of { NUMBER($most) } bytes
effort = Thinking: { $effort }
efforts = off low medium high max
tokens = { $count ->
    [one] { $count } token
   *[other] { $count } tokens
}
answers-instead = { $chosen } is not on offer any more. { $model } answers instead.

## Where one writes
people-list = People
message = Message
stop = Stop
send = Send
send-next = Send, to be answered next
stop-and-send = Stop and send
stop-and-send-title = Stop Kimi and send this instead (Ctrl+Enter)
write-first = Write a message first
editing = Editing a message
resending = Sending it begins a new version from here
replying = Replying to { $words }
message-kimi = Message Kimi
message-room = Message { $room }
message-room-kimi = Message { $room }; @kimi asks Kimi
nobody-called = Nobody here is called @{ $name }, so nobody will be told.
kimi-silent = Kimi is silent here and will not answer.
kimi-mentioned = Kimi answers here only to @kimi.
too-long = { $count ->
    [one] Too long by { $count } byte. Shorten it or send it in parts.
   *[other] Too long by { $count } bytes. Shorten it or send it in parts.
}
comes-next = Kimi is writing: this comes next. Ctrl+Enter stops Kimi and sends it now.
archived-room = This conversation is archived.
sign-in-to-write = Sign in to write.
load-to-write = Load the page again to write.
practice-model = The practice model answers here, because no KIMI_API_KEY is set.
can-err = Kimi can make mistakes. Check what matters.

## The connection
lost = Connection lost. Reconnecting…
lost-next = Connection lost. Next try in { NUMBER($seconds) } s.
try-now = Try now
offline = You are offline. What you send is kept and goes out when you are back.
unreachable = The server can't be reached. Next try in { NUMBER($seconds) } s.
signed-out = You are signed out.
sign-in = Sign in
other-user = Somebody else has signed in in this browser.
load-again = Load again
old-version = This page is out of date.
misunderstood = This page and the server do not understand each other.
too-many-tabs = Too many tabs are open, so this one was disconnected.
use-this-tab = Use this tab
try-again = Try again
closed = The server ended this connection.
connect-again = Connect again
not-connected = Not connected
by-websocket = Connected by WebSocket
by-stream = Connected by event stream
by-stream-why = This network lets no WebSocket through. Everything works, with a little more delay.
by-polling = Connected by polling
by-polling-why = This network holds streams back. Everything works, but replies come in larger pieces.

## Notifications
news-direct = A new message for you.
news-mention = You were mentioned.
news = A new message.
