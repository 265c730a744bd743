### Why a reply was not written or was cut off, by the code of the failure. The server stores and sends the English
### sentence; a page in another language has its own, and takes the server's for a code that it does not know.

rate_limited = Kimi is getting more requests than this account allows; please try again in a minute.
overloaded = Kimi is very busy right now; please try again in a moment.
quota_exhausted = The Kimi account of this server has no credit left; please ask its administrator to recharge it.
bad_key = Kimi did not accept the API key of this server; please ask its administrator to check it.
permission_denied = The Kimi account of this server may not do this; please ask its administrator to check it.
content_filtered = Kimi declined this as too risky; please put the question in other words.
context_too_long = This conversation has become too long for the model; please start a new room or shorten the message.
model_not_found = This model is not available any more; please choose another one.
wrong_address = The configured address does not answer like Kimi's API; please ask the administrator to check it.
bad_request = Kimi could not read this request; please change the message or choose another model.
server_error = Something failed on Kimi's side; please try again.
unavailable = Kimi is away for a moment; please try again soon.
gateway_timeout = Kimi took too long to answer; please try again.
closed_on_the_way = The connection to Kimi was closed on the way; please try again.
unreachable = This server cannot reach Kimi; please try again, and tell the administrator if it stays so.
timeout = Kimi did not answer in time; please try again.
interrupted = The connection to Kimi broke before the answer was complete; choose Continue to go on.
garbled = A part of Kimi's answer arrived damaged; please try again.
no_partial_mode = The answer was cut off, and this model can't go on with a text; choose Retry for a new one.
too_large = Kimi's answer was larger than allowed; please ask for a shorter one.
restarted = The server was restarted too often while this was written. Continue, or try again.
question_deleted = The message that this answers was deleted.
length = The reply used up its whole length. Ask Kimi to go on, or ask for less at once.
no_tools = The model wanted to use a tool, and none is offered here. Try again.
tool_rounds = Kimi used tools again and again without an answer. Try again, or ask for less at once.
empty = The model answered with nothing. Try again.
