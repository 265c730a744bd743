### What the server says when it refuses something, and what a form has done. What only programs read stays in the code.

## Failures
broken = Something went wrong here. Please try again.
signed-out = You are signed out. Sign in to go on.
too-many = That was a lot at once. It goes on in a moment.
restarting = The server is restarting. It goes on in a moment.
other-site = This request came from another site and was refused.
connections = Too many connections from your address. Close other tabs.
busy = The server is busy. It will be tried again.
too-many-rooms = This connection follows too many rooms.
no-room = There is no such conversation. It may have been deleted.
no-message = There is no such message in this room.
no-day = There is no such day. Write it as 2026-11-25.
identifier-taken = This identifier is in use. Use a new one.
queue-full = Kimi has { NUMBER($count) } replies to write in this room already. Wait for one of them, or stop one.
message-deleted = This message was deleted.
reply-deleted = This reply was deleted. Ask again.
answered-deleted = The message that you answer was deleted.
still-writing = Kimi is still writing this reply. Stop it first.
cannot-go-on = Only a reply that was stopped or interrupted can go on. Retry it instead.
kimi-wrote = What Kimi wrote can't be changed. Ask again, or delete it.
not-member = This person is not in the room. They may have left.
already-member = This person is in the room already. Change their role in the list of members.
not-below = You can do that only with people whose role is lower than yours. Ask the owner.
role-lost = Your role in this room has just changed. Load the page again.
you-own-it = You own this room. Hand it over first, or delete it.
room-full = The room has as many people as a room may have. Remove somebody first.
room-limit = A room has at most { NUMBER($count) } people.
rooms-limit = You have as many conversations as this server allows. Delete one you no longer need.
archived = This room is archived. Bring it back first, or ask an admin to.
bad-invite = This invitation was revoked, has expired, or is used up. Ask for a new one.
bad-link = It was revoked, has expired, or was used by as many people as it was for. Ask whoever sent it for a new one.
invites-limit = The room has { NUMBER($count) } invitations that can be used. Revoke one first.
invite-days = An invitation is good for at most { NUMBER($days) } days. Choose fewer.
invite-uses = An invitation is for at least one person.
reactions-limit = A message has at most { NUMBER($count) } different reactions. Use one of those.
one-emoji = A reaction is one emoji. Choose one.
pins-limit = A room has at most { NUMBER($count) } pinned messages. Take one down first.
versions-limit = There are { NUMBER($count) } versions of this already. Go on from one of them.
pair-exists = You have a conversation with this person already. Go on there.
only-with-kimi = This conversation is between you and Kimi alone. Make a group for that.
only-two = This conversation is between two people. Make a group for that.
only-solo-versions = Only in a conversation with Kimi alone a message can have versions.
only-own-versions = Only a message of your own can have another version. Ask Kimi again instead.
solo-has-nobody = A conversation with Kimi alone has nobody else in it. Make a group.
direct-needs-one = A direct conversation is with one other person. Name somebody else.
direct-names-one = Name exactly one person for a direct conversation, or make a group.
only-owner = Only the owner of the room can do that.
only-admins = Only admins of the room can do that. Ask one of them.
only-admins-others = Only admins of the room can do that to messages of others. Ask one of them.
not-guests = Guests of the room can't do that. Ask an admin.
not-guests-others = Guests of the room can't do that to messages of others. Ask an admin.
only-lower-roles = You can give only roles that are lower than yours. Ask the owner.
who = Enter the name or the e-mail address of somebody who has an account here.
nobody-called = Nobody here is called “{ $name }”. Check the spelling, or use their e-mail address.
several-called = Several people are called “{ $name }”. Use the e-mail address.
message-too-long = The message is too long: at most { NUMBER($kib) } KiB. Shorten it or send it in parts.
message-empty = The message is empty. Write something first.
topic-too-long = A topic is one line of at most { NUMBER($characters) } characters. Shorten it.
instructions-too-long = Instructions have at most { NUMBER($kib) } KiB. Shorten them.
not-on-offer = This model is not on offer here. Choose one of the list.
models-unread = The list of models can't be read at the moment. Try again in a minute.
not-such-thinking = { $model } can't be told to think like that. Choose another way.
bad-title = A title has 1 to { NUMBER($characters) } characters. Choose another.
choose-kind = Choose what kind of room it is to be.

## A formula that stays as it was written
formula-too-long = This formula can't be drawn: it has more than { NUMBER($kib) } KiB. Split it.
formula-too-wide = This formula is too wide for a line. Write it between $$ and $$.
formula-too-complicated = This formula can't be drawn: it is too complicated. Simplify it, or split it.
formula-unknown = This formula can't be drawn: “{ $name }” is not known here.
formula-fault = This formula can't be drawn: { $fault }

## Notices
form-unreadable = This form can't be read
form-unreadable-why = It is not complete. Go back, reload the page and try again.
room-gone = There is no such room
invite-unusable = This invitation can't be used

## What a form has done
renamed = The room has its new name.
settings-saved = The settings are saved.
room-archived = The room is archived.
room-back = The room is back.
choice-saved = Your choice is saved.
added = They are in the room now.
removed = They are no longer in the room.
role-saved = The role is saved.
handed-over = The room is theirs now, and you are an admin of it.
link-made = The link is made: copy it and send it.
link-revoked = The link can't be used any more.
unpinned = The message is not pinned any more.
