//! Tool calls that a script asks for, as the JSON of whole calls and of fragments (§2.3, §3.1).

use crate::kimi::simulator::{
    faults::json_string,
    script::{Dialect, Script},
};

/// One call to be made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    id: String,
    name: String,
    pub arguments: String,
}

/// The calls that the script asks for.
pub(super) fn read(script: &Script) -> Vec<Call> {
    let names = script.tool.as_deref().unwrap_or_default().split(',').filter(|name| !name.is_empty());
    let form = script.tool_id.as_deref().unwrap_or("{name}_{index}");
    let arguments = script.tool_arguments.as_deref().unwrap_or(r#"{"city": "Paris"}"#);
    let calls = names.enumerate().map(|(index, name)| Call {
        id: form.replace("{name}", name).replace("{index}", &index.to_string()),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    });
    calls.collect()
}

/// The `tool_calls` arrays of the deltas, in order.
pub(super) fn deltas(calls: &[Call], script: &Script) -> Vec<String> {
    let mut deltas = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let index = if script.tool_no_index { String::new() } else { format!(r#""index":{index},"#) };
        if script.tool_whole || script.dialect == Dialect::Ollama {
            deltas.push(format!("[{}]", whole(&index, call, &call.arguments)));
            continue;
        }
        deltas.push(format!("[{}]", whole(&index, call, "")));
        let characters: Vec<char> = call.arguments.chars().collect();
        let length = script.tool_fragments.unwrap_or(usize::MAX).clamp(1, characters.len().max(1));
        for fragment in characters.chunks(length) {
            let fragment = json_string(&fragment.iter().collect::<String>());
            deltas.push(format!(r#"[{{{index}"function":{{"arguments":{fragment}}}}}]"#));
        }
    }
    deltas
}

/// The `tool_calls` of a reply that is not streamed, if there are any.
pub(super) fn message(calls: &[Call]) -> Option<String> {
    let whole: Vec<_> = calls.iter().map(|call| whole("", call, &call.arguments)).collect();
    (!whole.is_empty()).then(|| format!("[{}]", whole.join(",")))
}

fn whole(index: &str, call: &Call, arguments: &str) -> String {
    let kind = if call.name.starts_with('$') { "builtin_function" } else { "function" };
    let [id, name, arguments] = [&call.id, &call.name, arguments].map(json_string);
    format!(r#"{{{index}"id":{id},"type":"{kind}","function":{{"name":{name},"arguments":{arguments}}}}}"#)
}
