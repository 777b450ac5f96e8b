//! Tokens → [`ScriptSyntax`]. Source of the grammar: Elasticsearch 7.10, "Painless Language Specification"; of the texts: what
//! the real servers answer to scripts that are wrong.

use super::fault::CompileFault;
use super::lexer::{Token, TokenKind, tokens};
use super::syntax::{
    Catch, Expr, ExprKind, FunctionSyntax, LambdaBody, ReferenceOn, ScriptSyntax, Statement,
    StatementKind,
};
use super::types::StaticType;

/// How deep statements and expressions may stand inside each other: what bounds the stack of everything that walks the
/// tree.
pub(super) const NESTING_MAX: usize = 60;

/// Longest chain of operators or calls on one level: `a + b + c …` is a tree as deep as it is long.
const CHAIN_MAX: usize = 250;

type Syntax<T> = Result<T, CompileFault>;

/// Reads a script.
///
/// # Errors
/// What Elasticsearch's parser says about it.
pub(super) fn parse(source: &str) -> Syntax<ScriptSyntax> {
    let mut parser = ScriptParser { tokens: tokens(source)?, at: 0, depth: 0, chain: 0 };
    let mut functions = Vec::new();
    while let Some(function) = parser.function()? {
        functions.push(function);
    }
    let mut body = Vec::new();
    while !parser.is_end() {
        body.push(parser.statement()?);
    }
    Ok(ScriptSyntax { functions, body })
}

struct ScriptParser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    chain: usize,
}

impl ScriptParser {
    fn token(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).or_else(|| self.tokens.last())
    }

    fn place(&self) -> usize {
        self.token(0).map_or(0, |token| token.at)
    }

    fn is_end(&self) -> bool {
        self.token(0).is_none_or(|token| token.kind == TokenKind::End)
    }

    fn is_sign(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.token(ahead).map(|token| &token.kind), Some(TokenKind::Sign(it)) if *it == sign)
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.token(ahead).map(|token| &token.kind), Some(TokenKind::Word(it)) if *it == word)
    }

    fn name_at(&self, ahead: usize) -> Option<&str> {
        match self.token(ahead).map(|token| &token.kind) {
            Some(TokenKind::Name(name)) => Some(name),
            _ => None,
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        let there = self.is_sign(0, sign);
        self.at += usize::from(there);
        there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = self.is_word(0, word);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &str) -> Syntax<()> {
        if self.take(sign) { Ok(()) } else { Err(self.expected(&format!("'{sign}'"))) }
    }

    /// "unexpected token", with what had to stand here.
    fn expected(&self, wanted: &str) -> CompileFault {
        let at = self.place();
        if self.is_end() {
            return CompileFault::new(
                at,
                format!("unexpected end of script; was expecting one of [{wanted}]."),
            );
        }
        let seen = self.token(0).map_or("", |token| token.raw.as_str());
        CompileFault::new(
            at,
            format!("unexpected token ['{seen}'] was expecting one of [{wanted}]."),
        )
    }

    /// "invalid sequence of tokens": nothing begins like this.
    fn no_way(&self) -> CompileFault {
        let at = self.place();
        let reason = if self.is_end() {
            "unexpected end of script.".to_owned()
        } else {
            let seen = self.token(0).map_or("", |token| token.raw.as_str());
            format!("invalid sequence of tokens near ['{seen}'].")
        };
        CompileFault::new(at, reason).because("no_viable_alt_exception")
    }

    fn name(&mut self) -> Syntax<String> {
        match self.name_at(0).map(str::to_owned) {
            Some(name) => {
                self.at += 1;
                Ok(name)
            }
            None => Err(self.expected("ID")),
        }
    }

    /// Runs `inner` one level deeper.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut ScriptParser) -> Syntax<T>) -> Syntax<T> {
        if self.depth >= NESTING_MAX {
            return Err(CompileFault::new(
                self.place(),
                format!("the script is nested more than [{NESTING_MAX}] levels deep"),
            ));
        }
        self.depth += 1;
        let read = inner(self);
        self.depth -= 1;
        read
    }

    /// One more link of a chain on this level.
    fn link(&mut self) -> Syntax<()> {
        self.chain += 1;
        if self.chain > CHAIN_MAX {
            return Err(CompileFault::new(
                self.place(),
                format!("an expression has more than [{CHAIN_MAX}] parts"),
            ));
        }
        Ok(())
    }

    // Types and functions.

    /// The type that stands `ahead` and how many tokens it has.
    fn type_at(&self, ahead: usize) -> Option<(StaticType, usize)> {
        let mut ty = StaticType::parse(self.name_at(ahead)?)?;
        let mut length = 1;
        while self.is_sign(ahead + length, "[") && self.is_sign(ahead + length + 1, "]") {
            ty.dims = ty.dims.saturating_add(1);
            length += 2;
        }
        Some((ty, length))
    }

    fn take_type(&mut self) -> Option<StaticType> {
        let (ty, length) = self.type_at(0)?;
        self.at += length;
        Some(ty)
    }

    /// A type that must be there.
    fn decl_type(&mut self) -> Syntax<StaticType> {
        if let Some(ty) = self.take_type() {
            return Ok(ty);
        }
        match self.name_at(0) {
            Some(name) => Err(CompileFault::new(self.place(), format!("Not a type [{name}]."))),
            None => Err(self.expected("TYPE")),
        }
    }

    fn function(&mut self) -> Syntax<Option<FunctionSyntax>> {
        let Some((returns, length)) = self.type_at(0) else { return Ok(None) };
        let named = self.name_at(length).is_some() && self.is_sign(length + 1, "(");
        if !named {
            return Ok(None);
        }
        let at = self.place();
        self.at += length;
        let name = self.name()?;
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.is_sign(0, ")") {
            let ty = self.decl_type()?;
            parameters.push((ty, self.name()?));
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        let body = self.block()?;
        Ok(Some(FunctionSyntax { at, name, returns, parameters, body }))
    }

    // Statements.

    fn block(&mut self) -> Syntax<Vec<Statement>> {
        self.expect("{")?;
        self.deeper(|parser| {
            let mut body = Vec::new();
            while !parser.take("}") {
                if parser.is_end() {
                    return Err(parser.no_way());
                }
                body.push(parser.statement()?);
            }
            Ok(body)
        })
    }

    /// A block, or one statement.
    fn trailer(&mut self) -> Syntax<Vec<Statement>> {
        if self.is_sign(0, "{") {
            return self.block();
        }
        let one = self.deeper(ScriptParser::statement)?;
        Ok(vec![one])
    }

    fn statement(&mut self) -> Syntax<Statement> {
        // What stands inside a chain is as deep as the chain is long.
        let chain = self.chain;
        let at = self.place();
        let kind = match self.token(0).map(|token| token.kind.clone()) {
            Some(TokenKind::Word("if")) => self.if_statement()?,
            Some(TokenKind::Word("while")) => self.while_statement()?,
            Some(TokenKind::Word("for")) => self.for_statement()?,
            Some(TokenKind::Word("try")) => self.try_statement()?,
            _ => {
                let kind = self.simple_statement()?;
                self.end_of_statement()?;
                kind
            }
        };
        self.chain = chain;
        Ok(Statement { at, kind })
    }

    /// `;`, or what may stand for it: the end of a block or of the script.
    fn end_of_statement(&mut self) -> Syntax<()> {
        if self.take(";") || self.is_end() || self.is_sign(0, "}") {
            return Ok(());
        }
        Err(self.expected("{<EOF>, ';'}"))
    }

    fn simple_statement(&mut self) -> Syntax<StatementKind> {
        if self.take_word("do") {
            let body = self.block()?;
            if !self.take_word("while") {
                return Err(self.expected("'while'"));
            }
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return Ok(StatementKind::Do(body, condition));
        }
        if self.take_word("continue") {
            return Ok(StatementKind::Continue);
        }
        if self.take_word("break") {
            return Ok(StatementKind::Break);
        }
        if self.take_word("return") {
            let ends = self.is_sign(0, ";") || self.is_sign(0, "}") || self.is_end();
            let value = if ends { None } else { Some(self.expression()?) };
            return Ok(StatementKind::Return(value));
        }
        if self.take_word("throw") {
            return Ok(StatementKind::Throw(self.expression()?));
        }
        if self.begins_declaration() {
            return self.declaration();
        }
        if let (Some(ty), Some(_)) = (self.name_at(0), self.name_at(1)) {
            let reason = format!("invalid declaration: cannot resolve type [{ty}]");
            let at = self.token(1).map_or(0, |token| token.at);
            return Err(CompileFault::new(at, reason));
        }
        Ok(StatementKind::Expression(self.expression()?))
    }

    fn begins_declaration(&self) -> bool {
        self.type_at(0).is_some_and(|(_, length)| self.name_at(length).is_some())
    }

    fn declaration(&mut self) -> Syntax<StatementKind> {
        let ty = self.decl_type()?;
        let mut all = Vec::new();
        loop {
            let at = self.place();
            let name = self.name()?;
            let value = if self.take("=") { Some(self.expression()?) } else { None };
            all.push((at, name, value));
            if !self.take(",") {
                return Ok(StatementKind::Declare(ty, all));
            }
        }
    }

    fn if_statement(&mut self) -> Syntax<StatementKind> {
        self.at += 1;
        self.expect("(")?;
        let condition = self.expression()?;
        self.expect(")")?;
        let then = self.trailer()?;
        let otherwise = if self.take_word("else") { Some(self.trailer()?) } else { None };
        Ok(StatementKind::If(condition, then, otherwise))
    }

    fn while_statement(&mut self) -> Syntax<StatementKind> {
        self.at += 1;
        self.expect("(")?;
        let condition = self.expression()?;
        self.expect(")")?;
        let body = if self.take(";") { Vec::new() } else { self.trailer()? };
        Ok(StatementKind::While(condition, body))
    }

    fn for_statement(&mut self) -> Syntax<StatementKind> {
        self.at += 1;
        self.expect("(")?;
        let typed = self
            .type_at(0)
            .filter(|(_, length)| self.name_at(*length).is_some() && self.is_sign(length + 1, ":"));
        if let Some((ty, length)) = typed {
            self.at += length;
            let name = self.name()?;
            self.at += 1;
            return self.each(ty, name);
        }
        if self.name_at(0).is_some() && self.is_word(1, "in") {
            let name = self.name()?;
            self.at += 1;
            return self.each(StaticType::DEF, name);
        }
        let begin = self.place();
        let first = if self.is_sign(0, ";") {
            None
        } else if self.begins_declaration() {
            Some(self.declaration()?)
        } else {
            Some(StatementKind::Expression(self.expression()?))
        };
        let first = first.map(|kind| Box::new(Statement { at: begin, kind }));
        self.expect(";")?;
        let condition = if self.is_sign(0, ";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        let after = if self.is_sign(0, ")") { None } else { Some(self.expression()?) };
        self.expect(")")?;
        let body = if self.take(";") { Vec::new() } else { self.trailer()? };
        Ok(StatementKind::For(first, condition, after, body))
    }

    fn each(&mut self, ty: StaticType, name: String) -> Syntax<StatementKind> {
        let over = self.expression()?;
        self.expect(")")?;
        let body = self.trailer()?;
        Ok(StatementKind::Each(ty, name, over, body))
    }

    fn try_statement(&mut self) -> Syntax<StatementKind> {
        self.at += 1;
        let body = self.block()?;
        let mut catches = Vec::new();
        while self.take_word("catch") {
            self.expect("(")?;
            let ty = self.decl_type()?;
            let name = self.name()?;
            self.expect(")")?;
            catches.push(Catch { ty, name, body: self.block()? });
        }
        if catches.is_empty() {
            return Err(self.expected("'catch'"));
        }
        Ok(StatementKind::Try(body, catches))
    }

    // Expressions.

    fn expression(&mut self) -> Syntax<Expr> {
        self.deeper(|parser| {
            let at = parser.place();
            let left = parser.binary(0)?;
            if parser.take("?") {
                let then = parser.expression()?;
                parser.expect(":")?;
                let otherwise = parser.expression()?;
                let parts = (Box::new(left), Box::new(then), Box::new(otherwise));
                return Ok(Expr { at, kind: ExprKind::Conditional(parts.0, parts.1, parts.2) });
            }
            if let Some(sign) = parser.one_of(ASSIGNMENTS) {
                let right = parser.expression()?;
                let kind = ExprKind::Assign(sign, Box::new(left), Box::new(right));
                return Ok(Expr { at, kind });
            }
            Ok(left)
        })
    }

    fn one_of(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let found = signs.iter().find(|sign| self.is_sign(0, sign)).copied();
        self.at += usize::from(found.is_some());
        found
    }

    /// Operators of level `least` and of those that bind closer.
    fn binary(&mut self, least: usize) -> Syntax<Expr> {
        let at = self.place();
        let mut left = self.unary()?;
        while let Some((level, sign)) = self.operator().filter(|(level, _)| *level >= least) {
            self.at += 1;
            self.link()?;
            left = match sign {
                "instanceof" => {
                    let ty = self.decl_type()?;
                    Expr { at, kind: ExprKind::InstanceOf(Box::new(left), ty) }
                }
                "?:" => {
                    let right = self.deeper(|parser| parser.binary(level))?;
                    Expr { at, kind: ExprKind::Elvis(Box::new(left), Box::new(right)) }
                }
                sign => {
                    let right = self.binary(level + 1)?;
                    let kind = ExprKind::Binary(sign, Box::new(left), Box::new(right));
                    Expr { at, kind }
                }
            };
        }
        Ok(left)
    }

    /// The operator that stands here, and its level.
    fn operator(&self) -> Option<(usize, &'static str)> {
        let sign = match self.token(0).map(|token| &token.kind) {
            Some(TokenKind::Sign(sign) | TokenKind::Word(sign)) => *sign,
            _ => return None,
        };
        LEVELS.iter().position(|signs| signs.contains(&sign)).map(|level| (level, sign))
    }

    fn unary(&mut self) -> Syntax<Expr> {
        let at = self.place();
        if let Some(sign) = self.one_of(&["++", "--"]) {
            let target = Box::new(self.chained()?);
            return Ok(Expr {
                at,
                kind: ExprKind::Step { target, up: sign == "++", before: true },
            });
        }
        if self.is_sign(0, "-")
            && let Some(TokenKind::Number(digits)) = self.token(1).map(|token| token.kind.clone())
            && !self.is_sign(2, ".")
        {
            self.at += 2;
            return Ok(Expr { at, kind: ExprKind::Number(format!("-{digits}")) });
        }
        if let Some(sign) = self.one_of(&["!", "~", "+", "-"]) {
            let inner = self.deeper(ScriptParser::unary)?;
            return Ok(Expr { at, kind: ExprKind::Unary(sign, Box::new(inner)) });
        }
        if let Some((ty, length)) = self.type_at(1).filter(|(_, length)| self.is_cast(*length)) {
            self.at += length + 2;
            let inner = self.deeper(ScriptParser::unary)?;
            return Ok(Expr { at, kind: ExprKind::Cast(ty, Box::new(inner)) });
        }
        let target = self.chained()?;
        match self.one_of(&["++", "--"]) {
            Some(sign) => Ok(Expr {
                at,
                kind: ExprKind::Step { target: Box::new(target), up: sign == "++", before: false },
            }),
            None => Ok(target),
        }
    }

    /// Whether `(`, a type of `length` tokens and `)` stand here and something to cast after them.
    fn is_cast(&self, length: usize) -> bool {
        let ends = self.is_sign(0, "(") && self.is_sign(1 + length, ")");
        let arrow = self.is_sign(2 + length, "->");
        ends && !arrow && self.begins_operand(2 + length)
    }

    fn begins_operand(&self, ahead: usize) -> bool {
        match self.token(ahead).map(|token| &token.kind) {
            Some(TokenKind::Sign(sign)) => {
                matches!(*sign, "(" | "[" | "!" | "~" | "-" | "+" | "++" | "--")
            }
            Some(TokenKind::Word(word)) => matches!(*word, "new" | "true" | "false" | "null"),
            Some(TokenKind::End) | None => false,
            Some(_) => true,
        }
    }

    /// A primary and what hangs on it: calls, fields, brackets.
    fn chained(&mut self) -> Syntax<Expr> {
        let mut on = self.primary()?;
        loop {
            let at = self.place();
            if self.is_sign(0, ".") || self.is_sign(0, "?.") {
                let safe = self.take("?.");
                if !safe {
                    self.at += 1;
                }
                self.link()?;
                on = self.after_dot(on, at, safe)?;
            } else if self.take("[") {
                self.link()?;
                let index = self.expression()?;
                self.expect("]")?;
                on = Expr { at, kind: ExprKind::Index(Box::new(on), Box::new(index)) };
            } else {
                return Ok(on);
            }
        }
    }

    fn after_dot(&mut self, on: Expr, at: usize, safe: bool) -> Syntax<Expr> {
        let on = Box::new(on);
        let name = match self.token(0).map(|token| token.kind.clone()) {
            Some(TokenKind::Name(name) | TokenKind::Number(name)) => name,
            _ => return Err(self.no_way()),
        };
        self.at += 1;
        let is_name = name.chars().next().is_some_and(|first| !first.is_ascii_digit());
        if is_name && self.is_sign(0, "(") {
            let arguments = self.arguments()?;
            return Ok(Expr { at, kind: ExprKind::Call { on, name, arguments, safe } });
        }
        Ok(Expr { at, kind: ExprKind::Field { on, name, safe } })
    }

    fn arguments(&mut self) -> Syntax<Vec<Expr>> {
        self.expect("(")?;
        let mut all = Vec::new();
        if self.take(")") {
            return Ok(all);
        }
        loop {
            all.push(self.argument()?);
            if !self.take(",") {
                break;
            }
        }
        if !self.take(")") {
            return Err(self.expected("{')', ','}"));
        }
        Ok(all)
    }

    fn argument(&mut self) -> Syntax<Expr> {
        if let Some(lambda) = self.lambda()? {
            return Ok(lambda);
        }
        if let Some(reference) = self.reference()? {
            return Ok(reference);
        }
        self.expression()
    }

    fn lambda(&mut self) -> Syntax<Option<Expr>> {
        let at = self.place();
        let parameters = if self.name_at(0).is_some() && self.is_sign(1, "->") {
            vec![(StaticType::DEF, self.name()?)]
        } else if let Some(parameters) = self.lambda_parameters()? {
            parameters
        } else {
            return Ok(None);
        };
        self.expect("->")?;
        let body = if self.is_sign(0, "{") {
            LambdaBody::Block(self.block()?)
        } else {
            LambdaBody::Expression(Box::new(self.expression()?))
        };
        Ok(Some(Expr { at, kind: ExprKind::Lambda(parameters, body) }))
    }

    /// `(a, int b)` before `->`.
    fn lambda_parameters(&mut self) -> Syntax<Option<Vec<(StaticType, String)>>> {
        if !self.is_sign(0, "(") {
            return Ok(None);
        }
        let mut ahead = 1;
        while !self.is_sign(ahead, ")") {
            let part = self.name_at(ahead).is_some()
                || ["[", "]", ","].iter().any(|sign| self.is_sign(ahead, sign));
            if !part {
                return Ok(None);
            }
            ahead += 1;
        }
        if !self.is_sign(ahead + 1, "->") {
            return Ok(None);
        }
        self.at += 1;
        let mut all = Vec::new();
        while !self.take(")") {
            let ty = if self.begins_declaration() { self.decl_type()? } else { StaticType::DEF };
            all.push((ty, self.name()?));
            self.take(",");
        }
        Ok(Some(all))
    }

    fn reference(&mut self) -> Syntax<Option<Expr>> {
        let at = self.place();
        let on = if let Some((ty, length)) =
            self.type_at(0).filter(|(_, length)| self.is_sign(*length, "::"))
        {
            self.at += length + 1;
            ReferenceOn::Type(ty)
        } else if self.is_word(0, "this") && self.is_sign(1, "::") {
            self.at += 2;
            ReferenceOn::This
        } else if self.name_at(0).is_some() && self.is_sign(1, "::") {
            let name = self.name()?;
            self.at += 1;
            ReferenceOn::Variable(name)
        } else {
            return Ok(None);
        };
        let method = if self.take_word("new") { "new".to_owned() } else { self.name()? };
        Ok(Some(Expr { at, kind: ExprKind::Reference(on, method) }))
    }

    fn primary(&mut self) -> Syntax<Expr> {
        let at = self.place();
        let kind = self.token(0).map(|token| token.kind.clone());
        let kind = match kind {
            Some(TokenKind::Sign("(")) => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Some(TokenKind::Sign("[")) => return self.collection(),
            Some(TokenKind::Word("new")) => return self.new_object(),
            Some(TokenKind::Word("true")) => ExprKind::Bool(true),
            Some(TokenKind::Word("false")) => ExprKind::Bool(false),
            Some(TokenKind::Word("null")) => ExprKind::Null,
            Some(TokenKind::Number(digits)) => ExprKind::Number(digits),
            Some(TokenKind::Text(text)) => ExprKind::Text(text),
            Some(TokenKind::Regex(pattern, flags)) => ExprKind::Regex(pattern, flags),
            Some(TokenKind::Name(name)) if self.is_sign(1, "(") => {
                self.at += 1;
                let arguments = self.arguments()?;
                return Ok(Expr { at, kind: ExprKind::CallOwn(name, arguments) });
            }
            Some(TokenKind::Name(name)) => match StaticType::parse(&name) {
                Some(ty) => ExprKind::Type(ty),
                None => ExprKind::Name(name),
            },
            _ => return Err(self.no_way()),
        };
        self.at += 1;
        Ok(Expr { at, kind })
    }

    /// `[a, b]`, `[k: v]`, `[:]`
    fn collection(&mut self) -> Syntax<Expr> {
        let at = self.place();
        self.at += 1;
        if self.take(":") {
            self.expect("]")?;
            return Ok(Expr { at, kind: ExprKind::Map(Vec::new()) });
        }
        if self.take("]") {
            return Ok(Expr { at, kind: ExprKind::List(Vec::new()) });
        }
        let first = self.expression()?;
        if !self.take(":") {
            let mut all = vec![first];
            while self.take(",") {
                all.push(self.expression()?);
            }
            self.expect("]")?;
            return Ok(Expr { at, kind: ExprKind::List(all) });
        }
        let mut entries = vec![(first, self.expression()?)];
        while self.take(",") {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
        }
        self.expect("]")?;
        Ok(Expr { at, kind: ExprKind::Map(entries) })
    }

    fn new_object(&mut self) -> Syntax<Expr> {
        let at = self.place();
        self.at += 1;
        let Some(name) = self.name_at(0).map(str::to_owned) else { return Err(self.no_way()) };
        let Some(mut ty) = StaticType::parse(&name) else {
            return Err(CompileFault::new(at, format!("Not a type [{name}].")));
        };
        self.at += 1;
        if self.is_sign(0, "(") {
            let arguments = self.arguments()?;
            return Ok(Expr { at, kind: ExprKind::New(ty, arguments) });
        }
        let mut sizes = Vec::new();
        while self.take("[") {
            ty.dims = ty.dims.saturating_add(1);
            if !self.take("]") {
                sizes.push(self.expression()?);
                self.expect("]")?;
            }
        }
        if ty.dims == 0 {
            return Err(self.no_way());
        }
        if sizes.is_empty() {
            self.expect("{")?;
            let mut all = Vec::new();
            while !self.take("}") {
                all.push(self.expression()?);
                if !self.take(",") {
                    self.expect("}")?;
                    break;
                }
            }
            return Ok(Expr { at, kind: ExprKind::NewArrayOf(ty, all) });
        }
        Ok(Expr { at, kind: ExprKind::NewArray(ty, sizes) })
    }
}

const ASSIGNMENTS: &[&str] =
    &["=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "<<=", ">>=", ">>>="];

/// Operators, those that bind closer later.
const LEVELS: &[&[&str]] = &[
    &["?:"],
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "===", "!=", "!=="],
    &["instanceof"],
    &["<", "<=", ">", ">="],
    &["<<", ">>", ">>>"],
    &["=~", "==~"],
    &["+", "-"],
    &["*", "/", "%"],
];
