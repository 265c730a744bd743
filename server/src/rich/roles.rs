//! What a piece of code is, in a few words: the scopes of the grammars, of which there are thousands, become eleven classes.

/// What a piece of code is. Punctuation and most names are nothing of it: they look like text, and cost no element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Keyword,
    Text,
    Comment,
    Number,
    Function,
    /// Also the tags of HTML.
    Type,
    Constant,
    /// A parameter, an attribute, or a key.
    Variable,
    Operator,
    Inserted,
    Deleted,
}

impl Role {
    /// The class of its elements; `style/main.css` has a colour for each.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Keyword => "k",
            Self::Text => "s",
            Self::Comment => "c",
            Self::Number => "n",
            Self::Function => "f",
            Self::Type => "t",
            Self::Constant => "l",
            Self::Variable => "v",
            Self::Operator => "o",
            Self::Inserted => "i",
            Self::Deleted => "d",
        }
    }
}

/// What scopes that begin so are; the longest that fits counts. What is not here is what the scope around it is.
fn known(scope: &str) -> Option<Option<Role>> {
    use Role::{
        Comment, Constant, Deleted, Function, Inserted, Keyword, Number, Operator, Text, Type, Variable,
    };
    let role = match scope {
        // Code of another language, or in a text.
        "source" | "text" | "meta.embedded" | "meta.interpolation" | "meta.template.expression" => None,
        "comment" | "string.quoted.docstring" | "meta.diff.header" | "markup.quote" => Some(Comment),
        "meta.diff.range" => Some(Function),
        "markup.inserted" => Some(Inserted),
        "markup.deleted" => Some(Deleted),
        "markup.heading" | "entity.name.section" => Some(Keyword),
        "markup.inline.raw" => Some(Text),
        "markup.fenced_code" | "markup.raw.block" => None,
        "markup.underline.link" => Some(Variable),
        "string" | "entity.name.import" => Some(Text),
        // The words of a shell.
        "string.unquoted.argument" => None,
        "constant" => Some(Constant),
        "constant.other.database-name" | "constant.other.table-name" => None,
        "constant.numeric" | "keyword.other.unit" => Some(Number),
        "keyword" | "storage" | "variable.language" => Some(Keyword),
        "keyword.operator" | "punctuation.separator.prompt" => Some(Operator),
        "keyword.other.definition.ini" => Some(Variable),
        "storage.type.primitive"
        | "storage.type.built-in"
        | "storage.type.numeric"
        | "storage.type.object"
        | "storage.type.generic"
        | "storage.type.java"
        | "storage.type.haskell"
        | "keyword.type" => Some(Type),
        // In Go, these are words, and in Python, what stands before a string.
        "keyword.type.go" => Some(Keyword),
        "storage.type.string.python" => Some(Keyword),
        "entity.name" | "entity.other.inherited-class" | "support.type" | "support.class" => Some(Type),
        "entity.other" => Some(Variable),
        "entity.name.function" | "entity.name.command" | "entity.name.operator" => Some(Function),
        "variable.function" | "support.function" => Some(Function),
        "entity.name.constant" | "entity.name.label" | "support.constant" => Some(Constant),
        "entity.name.variable" | "entity.name.scope-resolution" => None,
        "entity.name.variable.parameter" | "entity.name.tag.yaml" => Some(Variable),
        "variable" => None,
        "variable.parameter" | "variable.other.key" | "meta.object-literal.key" => Some(Variable),
        "support.type.property-name" | "meta.attribute.rust" => Some(Variable),
        "punctuation.definition.annotation" | "storage.type.annotation" => Some(Variable),
        _ => return None,
    };
    Some(role)
}

/// What is in a scope that lies inside of something.
fn within(around: Option<Role>, scope: &str) -> Option<Role> {
    // A comment is one thing, whatever it mentions; so are a line that came or went, and a number with its type.
    if let Some(Role::Comment | Role::Inserted | Role::Deleted | Role::Number) = around {
        return around;
    }
    let mut beginning = scope;
    let found = loop {
        if let Some(role) = known(beginning) {
            break Some(role);
        }
        match beginning.rsplit_once('.') {
            Some((shorter, _)) => beginning = shorter,
            None => break None,
        }
    };
    match found {
        // The variables in a text are what is looked for in it.
        Some(None) if around == Some(Role::Text) && scope.starts_with("variable") => Some(Role::Variable),
        Some(role) => role,
        None => around,
    }
}

/// What something in these scopes is, from the outermost to the innermost.
pub(super) fn role<'a>(scopes: impl Iterator<Item = &'a str>) -> Option<Role> {
    scopes.fold(None, within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scopes: &str, expected: Option<Role>) {
        assert_eq!(role(scopes.split(' ')), expected, "{scopes}");
    }

    #[test]
    fn the_innermost_scope_that_means_something_counts() {
        check("source.rust meta.function.definition.rust keyword.other.fn.rust", Some(Role::Keyword));
        check("source.rust keyword.operator.borrow.and.rust", Some(Role::Operator));
        check("source.c constant.numeric.decimal.c punctuation.separator.c", Some(Role::Number));
        check("source.c punctuation.section.block.begin.c", None);
        check("source.c keywords", None);
    }

    #[test]
    fn what_lies_around_it_counts_where_it_must() {
        check("source.js comment.block.js keyword.other.js", Some(Role::Comment));
        check("source.diff markup.inserted.diff punctuation.definition.inserted.diff", Some(Role::Inserted));
        check("source.rust constant.numeric.hex.rust entity.name.type.numeric.rust", Some(Role::Number));
        check("source.shell string.quoted.double.shell variable.other.normal.shell", Some(Role::Variable));
        check("source.shell variable.other.normal.shell", None);
        check("source.ts string.template.ts meta.template.expression.ts variable.other.ts", None);
        check(
            "source.ts string.template.ts meta.template.expression.ts keyword.control.ts",
            Some(Role::Keyword),
        );
    }
}
