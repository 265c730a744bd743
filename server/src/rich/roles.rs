//! What a piece of code is, in a few words: the scopes of the grammars, of which there are thousands, become eleven classes.

/// What a piece of code is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// Punctuation and most names: they look like text, and cost no element.
    #[default]
    Plain,
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
    /// The class of its elements; `style/code.css` has a colour for each.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
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
fn known(scope: &str) -> Option<Role> {
    use Role::{
        Comment, Constant, Deleted, Function, Inserted, Keyword, Number, Operator, Plain, Text, Type,
        Variable,
    };
    let role = match scope {
        // Code of another language, or in a text.
        "source" | "text" | "meta.embedded" | "meta.interpolation" | "meta.template.expression" => Plain,
        "comment" | "string.quoted.docstring" | "meta.diff.header" | "markup.quote" => Comment,
        "meta.diff.range" => Function,
        "markup.inserted" => Inserted,
        "markup.deleted" => Deleted,
        "markup.heading" | "entity.name.section" => Keyword,
        "markup.inline.raw" => Text,
        "markup.fenced_code" | "markup.raw.block" => Plain,
        "markup.underline.link" => Variable,
        "string" | "markup.raw.inline" => Text,
        // The words of a shell, and the values of YAML's neighbours.
        "string.unquoted.argument" => Plain,
        "string.ipaddress.nginx" => Number,
        "constant" => Constant,
        "constant.other.database-name" | "constant.other.table-name" => Plain,
        "constant.numeric" | "keyword.other.unit" => Number,
        "keyword" | "storage" | "variable.language" => Keyword,
        "keyword.operator"
        | "keyword.other.arrow"
        | "keyword.other.double-colon"
        | "storage.type.function.arrow"
        | "punctuation.separator.prompt" => Operator,
        "keyword.other.definition.ini" => Variable,
        // Words like `let` and types like `int` are the same in the syntaxes of other languages: there, they are words.
        "storage.type.primitive"
        | "storage.type.built-in"
        | "storage.type.buildin"
        | "storage.type.numeric"
        | "storage.type.void"
        | "storage.type.c"
        | "storage.type.cs"
        | "storage.type.go"
        | "storage.type.haskell"
        | "storage.type.php"
        | "storage.type.sql"
        | "storage.type.zig" => Type,
        // Stands before a string.
        "storage.type.string.python" => Keyword,
        "entity.name" | "entity.other.inherited-class" | "support.type" | "support.class" => Type,
        "entity.other" => Variable,
        "entity.name.function" | "entity.name.command" | "entity.name.operator" => Function,
        "entity.type.function" => Function,
        "variable.function" | "variable.annotation" | "support.function" => Function,
        "meta.annotation.python" | "punctuation.definition.annotation.python" => Function,
        "meta.annotation.arguments" => Plain,
        "entity.name.constant" | "entity.name.label" | "support.constant" => Constant,
        "entity.name.table.toml" => Keyword,
        "entity.name.variable" | "entity.name.scope-resolution" => Plain,
        "entity.name.tag.yaml" | "entity.name.tag.toml" => Variable,
        "variable" | "punctuation.definition.variable" => Plain,
        "variable.parameter" | "variable.other.key" | "meta.mapping.key" => Variable,
        "support.type.property-name" | "meta.attribute.rust" => Variable,
        "punctuation.definition.annotation" | "storage.type.annotation" => Variable,
        _ => return None,
    };
    Some(role)
}

/// What is in a scope that lies inside of something; what lies in several is found from the outermost to the innermost.
pub(super) fn within(around: Role, scope: &str) -> Role {
    // A comment is one thing, whatever it mentions; so are a line that came or went, and a number with its type.
    if let Role::Comment | Role::Inserted | Role::Deleted | Role::Number = around {
        return around;
    }
    // Keys are strings.
    if around == Role::Variable && scope == "string.quoted.double.json" {
        return around;
    }
    let mut beginning = scope;
    let role = loop {
        if let Some(role) = known(beginning) {
            break role;
        }
        match beginning.rsplit_once('.') {
            Some((shorter, _)) => beginning = shorter,
            None => return around,
        }
    };
    // The variables in a text are what is looked for in it.
    let is_variable = scope.starts_with("variable") || scope.starts_with("punctuation.definition.variable");
    let is_in_text = around == Role::Text && role == Role::Plain && is_variable;
    if is_in_text { Role::Variable } else { role }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scopes: &str, expected: Role) {
        assert_eq!(scopes.split(' ').fold(Role::Plain, within), expected, "{scopes}");
    }

    #[test]
    fn the_innermost_scope_that_means_something_counts() {
        check("source.rust meta.function.definition.rust keyword.other.fn.rust", Role::Keyword);
        check("source.rust keyword.operator.borrow.and.rust", Role::Operator);
        check("source.c constant.numeric.decimal.c punctuation.separator.c", Role::Number);
        check("source.c punctuation.section.block.begin.c", Role::Plain);
        check("source.c keywords", Role::Plain);
    }

    /// The colour of a token of the style, in the light theme or in the dark.
    fn colour(is_dark: bool, token: &str) -> [f64; 3] {
        const STYLE: &str = include_str!("../../../style/tokens.css");
        let pair =
            STYLE.split_once(&format!("--{token}: light-dark(#")).unwrap_or_else(|| panic!("no {token}")).1;
        let (light, dark) = pair.split_once(", #").unwrap();
        let value = if is_dark { dark } else { light };
        [0, 2, 4].map(|at| {
            let part = f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// WCAG 2.2, 1.4.3.
    #[test]
    fn every_colour_can_be_read_on_its_ground() {
        let luminance = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let tokens = [
            "code-keyword",
            "code-string",
            "code-comment",
            "code-number",
            "code-function",
            "code-type",
            "code-constant",
            "code-variable",
            "ink-soft",
            "ink",
        ];
        for is_dark in [false, true] {
            let ground = luminance(colour(is_dark, "sunken"));
            for token in tokens {
                let ink = luminance(colour(is_dark, token));
                let contrast = (ink.max(ground) + 0.05) / (ink.min(ground) + 0.05);
                assert!(contrast >= 4.5, "{token}, dark: {is_dark}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn what_lies_around_it_counts_where_it_must() {
        check("source.js comment.block.js keyword.other.js", Role::Comment);
        check("source.diff markup.inserted.diff punctuation.definition.inserted.diff", Role::Inserted);
        check("source.rust constant.numeric.hex.rust entity.name.type.numeric.rust", Role::Number);
        check("source.shell string.quoted.double.shell variable.other.normal.shell", Role::Variable);
        check("source.shell variable.other.normal.shell", Role::Plain);
        check("source.ts string.template.ts meta.template.expression.ts variable.other.ts", Role::Plain);
        check("source.ts string.template.ts meta.template.expression.ts keyword.control.ts", Role::Keyword);
    }
}
