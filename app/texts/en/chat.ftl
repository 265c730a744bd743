### What the chat's page says. It is in the browser's bundle, in English, so that every byte counts.

## Numbers and times
number-separator = ,
clock = { $hours }:{ $minutes }
short-date = { $day } { $month }, { $clock }
short-date-year = { $day } { $month } { $year }, { $clock }
short-months = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
month-of-year = { $month } { $year }
month-names = January February March April May June July August September October November December
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
bring-back = Bring back
heading-pinned = Pinned
today = Today
yesterday = Yesterday
previous-week = Previous 7 days
previous-month = Previous 30 days
rooms-empty = Your conversations will be listed here.
stay = Stay
sign-out = Sign out
notify-me = Notify me, with a sound
colours = Colours
as-system = Auto
light = Light
dark = Dark
keys = Keys
go-to-something = Go to a room, a person or a command
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
delete-for-members = Delete “{ $title }” and everything in it, for everybody in it?
archive-instead = Archive it instead
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
gone = This conversation is not here
gone-why = It was deleted, or you are not in it.
begin-new = Begin a new one
not-loaded = The conversation could not be loaded
not-loaded-why = It is tried again by itself.
welcome = What would you like to talk about?
suggestion-explain = Explain how a WebSocket stays open, with a small diagram
suggestion-plan = Plan a weekend in Jakarta, as a table
suggestion-write = Write a haiku about rain, then explain it
suggestion-code = Show me quicksort in Rust and how to test it
dismiss = Dismiss
keys-of-messages = Enter goes to the newest message. On a message:

## Messages
messages = Messages
earlier = Earlier messages
newest = The newest messages
nothing-said = Nothing has been said here yet. You can begin.
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
delete-it = Delete it?
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
preview = Preview
write = Write
editing = Editing a message
resending = This begins a new version
replying = Replying to { $words }
message-kimi = Message Kimi
message-room = Message { $room }
nobody-called = Nobody here is called @{ $name }, so nobody will be told.
kimi-silent = Kimi is silent here and will not answer.
kimi-mentioned = @kimi asks Kimi, who can make mistakes.
too-long = { $count ->
    [one] Too long by { $count } byte. Shorten it or send it in parts.
   *[other] Too long by { $count } bytes. Shorten it or send it in parts.
}
left = { $count ->
    [one] { $count } byte is left.
   *[other] { $count } bytes are left.
}
is-scarce = Less than a tenth of the space is left.
is-all-but-full = The message is all but full.
is-too-long = The message is too long.
comes-next = Kimi is writing: this comes next.
archived-room = This conversation is archived.
sign-in-to-write = Sign in to write.
load-to-write = Load the page again to write.
practice-model = The practice model answers here, because no KIMI_API_KEY is set.
can-err = Kimi can make mistakes. Check what matters.

## Commands
commands-list = Commands
models-list = Models
command-model = NAME: which model answers in this room
command-system = TEXT: instructions for Kimi in this room
command-clear = begins a new conversation; nothing is deleted
command-help = shows the keys and these commands
commands-begin = A command stands where a message would begin. With two slashes it is a message.
command-incomplete = Something is missing: write it behind the command, or “default” for none of your own.
model-is-a-word = The name of a model is one word.
no-such-model = There is no model “{ $model }” here. Write /model and a space to see those that are.
model-is = From the next reply on, { $model } answers in this room.
model-is-default = From the next reply on, the server's own model answers in this room.
instructions-too-long = Instructions have at most { NUMBER($bytes) } bytes. Shorten them.
instructions-are-set = From the next reply on, Kimi follows these instructions in this room.
no-instructions = This room has no instructions any more.
only-admins-set = Only admins of this room can set that. Ask one of them.
begun-anew = This begins a new conversation, set as the one before. That is in the list: nothing is deleted.

## The palette
go-to = Go to
palette-field = Room, person or command
results-list = Results
results = { $count ->
    [one] { $count } result
   *[other] { $count } results
}
nothing-called-so = Nothing is called so.
palette-people = People are found once you opened a room with them.
a-room = room
a-conversation = conversation
a-direct = direct
an-archived = archived
a-person = person
a-command = command
pin-room = Pin this room
unpin-room = Unpin this room
archive-room = Archive this room
bring-room-back = Bring this room back
details-of-room = Details of this room
light-colours = Light colours
dark-colours = Dark colours
system-colours = Colours of the system

## The sheet of keys
letter-keys = Keys of a single character
keys-and-commands = Keys and commands
everywhere = Everywhere
while-writing = While you write
on-a-message = On a message
close = Close
key-palette = goes to a room or a person, or does something
key-keys = shows these keys, while nothing is written
key-close = closes what is open, and leaves a reply or an edit
key-send = sends
key-break = breaks the line
key-send-instead = stops Kimi and sends it now, while Kimi writes
key-edit-last = edits what you said last, while nothing is written
key-names = offers names: ↑ ↓ choose, Enter or Tab takes one
key-commands = offers commands, at the beginning
key-before = goes to the one before
key-after = goes to the one after
key-earlier-version = goes to its earlier version
key-later-version = goes to its later version
key-tools = goes to what can be done with it; in their list, to the newest
key-reply = replies to it
key-edit = edits it
key-again = has the reply written again
key-quote = quotes it, or what is selected of it
key-copy = copies it
key-pin = pins it, or no more
key-link = copies its link
key-unread = marks it as unread
key-delete = asks, and deletes it
key-back = goes back to writing

## The connection
connected-again = Connected again
too-much-waits = Too many things are waiting to be sent. Send it when the connection is back.
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
