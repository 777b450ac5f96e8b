//! XML as identity providers write it, read once into a tree in which nothing is ambiguous.
//!
//! What two readers could take differently is refused instead of read somehow: document types and entities, CDATA, names outside
//! ASCII, an id that occurs twice, and, where it was signed, comments and processing instructions (a comment inside a
//! `NameID` ends the name for one reader and not for another). Sources: XML 1.0, Namespaces in XML 1.0.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::limits::SAML_DEPTH_MAX;

/// The namespace of `xml:lang` and its like, which needs no declaration.
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of declarations themselves.
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";
/// Attributes of an element, declarations included.
const ATTRIBUTES_MAX: usize = 64;
/// Prefixes that are declared at one place.
const PREFIXES_MAX: usize = 64;
/// Bytes of a namespace: each element has its own copy, and a stranger chooses it. SAML's have 41 at most.
const NAMESPACE_BYTES_MAX: usize = 256;
/// Attributes that are ids by one standard or another.
const ID_NAMES: [&str; 3] = ["ID", "Id", "id"];

/// Declared prefixes and their namespaces; the empty prefix is the default namespace.
pub(super) type Scope = BTreeMap<String, String>;

/// How much is read, and whether comments and processing instructions are passed over.
pub(super) struct XmlRules {
    pub(super) elements_max: usize,
    pub(super) comments: bool,
}

/// An element of the tree.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) prefix: String,
    pub(super) local: String,
    pub(super) namespace: String,
    pub(super) attributes: Vec<Attribute>,
    /// Every prefix that is declared here.
    pub(super) scope: Arc<Scope>,
    pub(super) children: Vec<Node>,
}

/// An attribute that is no declaration.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) prefix: String,
    pub(super) local: String,
    pub(super) namespace: String,
    pub(super) value: String,
}

/// What stands in an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }

    /// The elements in it, in order.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements of one name in it, in order.
    pub(super) fn named<'e>(
        &'e self,
        namespace: &'e str,
        local: &'e str,
    ) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The one element of this name in it; `None` when there is none, or more than one.
    pub(super) fn one(&self, namespace: &str, local: &str) -> Option<&Element> {
        let mut named = self.elements().filter(|element| element.is(namespace, local));
        let first = named.next()?;
        named.next().is_none().then_some(first)
    }

    /// The value of an attribute in no namespace.
    pub(super) fn attribute(&self, local: &str) -> Option<&str> {
        let mut own = self.attributes.iter().filter(|it| it.namespace.is_empty());
        own.find(|it| it.local == local).map(|it| it.value.as_str())
    }

    /// Its text without white space around it; `None` when an element stands in it.
    pub(super) fn text(&self) -> Option<&str> {
        match self.children.as_slice() {
            [] => Some(""),
            [Node::Text(text)] => Some(text.trim_matches([' ', '\t', '\r', '\n'])),
            _ => None,
        }
    }

    /// Calls `visit` for it and everything below, with the element around each.
    pub(super) fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Element, Option<&'e Element>)) {
        visit(self, None);
        self.walk_below(visit);
    }

    fn walk_below<'e>(&'e self, visit: &mut dyn FnMut(&'e Element, Option<&'e Element>)) {
        for element in self.elements() {
            visit(element, Some(self));
            element.walk_below(visit);
        }
    }
}

/// Reads a document. The text of the fault says what is wrong with it.
pub(super) fn parse(text: &str, rules: &XmlRules) -> Result<Element, String> {
    if !text.chars().all(is_char) {
        return Err("it has a character that XML does not allow".to_owned());
    }
    let mut reader = Reader::from_str(text);
    let mut tree = TreeBuilder::default();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => tree.open(&start, rules)?,
            Event::Empty(start) => {
                tree.open(&start, rules)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(name) => {
                let referred =
                    referred(&name).ok_or_else(|| format!("it refers to &{};", &*name))?;
                tree.text(referred.encode_utf8(&mut [0; 4]))?;
            }
            Event::Decl(said) => {
                let encoding = said.encoding().and_then(Result::ok);
                let utf8 = encoding.is_none_or(|name| name.eq_ignore_ascii_case("utf-8"));
                if !tree.is_untouched() || !utf8 {
                    return Err("its declaration is not at its beginning, or not UTF-8".to_owned());
                }
            }
            Event::Comment(_) | Event::PI(_) if rules.comments => {}
            Event::Comment(_) => return Err("it has a comment".to_owned()),
            Event::PI(_) => return Err("it has a processing instruction".to_owned()),
            Event::CData(_) => return Err("it has a CDATA section".to_owned()),
            // Nothing of a document type is read: entities could make a small text a large one.
            Event::DocType(_) => return Err("it has a document type".to_owned()),
            Event::Eof => return tree.finish(),
        }
    }
}

#[derive(Default)]
struct TreeBuilder {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    ids: BTreeSet<String>,
}

impl TreeBuilder {
    fn is_untouched(&self) -> bool {
        self.root.is_none() && self.open.is_empty()
    }

    fn open(&mut self, start: &BytesStart<'_>, rules: &XmlRules) -> Result<(), String> {
        self.elements += 1;
        if self.elements > rules.elements_max || self.open.len() >= SAML_DEPTH_MAX {
            return Err(format!(
                "it has more than {} elements, or {SAML_DEPTH_MAX} inside each other",
                rules.elements_max
            ));
        }
        if self.root.is_some() {
            return Err("it has two roots".to_owned());
        }
        let outer = self.open.last().map(|element| Arc::clone(&element.scope)).unwrap_or_default();
        let (scope, given) = declarations(start, outer)?;
        let (prefix, local) = split(start.name().as_ref())?;
        let namespace = match prefix.as_str() {
            "" => scope.get("").cloned().unwrap_or_default(),
            prefix => namespace_of(prefix, &scope)?,
        };
        let attributes = self.attributes(given, &scope)?;
        self.open.push(Element {
            prefix,
            local,
            namespace,
            attributes,
            scope,
            children: Vec::new(),
        });
        Ok(())
    }

    fn attributes(
        &mut self,
        given: Vec<(String, String)>,
        scope: &Scope,
    ) -> Result<Vec<Attribute>, String> {
        let mut attributes: Vec<Attribute> = Vec::new();
        for (name, value) in given {
            let (prefix, local) = split(&name)?;
            let namespace = match prefix.as_str() {
                "" => String::new(),
                prefix => namespace_of(prefix, scope)?,
            };
            if attributes.iter().any(|it| it.local == local && it.namespace == namespace) {
                return Err(format!("an element has two attributes {local}"));
            }
            if ID_NAMES.contains(&local.as_str()) && !self.ids.insert(value.clone()) {
                return Err(format!("the id {value} occurs twice"));
            }
            attributes.push(Attribute { prefix, local, namespace, value });
        }
        Ok(attributes)
    }

    fn close(&mut self) -> Result<(), String> {
        let element = self.open.pop().ok_or("a closing tag has no opening tag")?;
        match self.open.last_mut() {
            Some(outer) => outer.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let Some(element) = self.open.last_mut() else {
            let blank = text.chars().all(|char| matches!(char, ' ' | '\t' | '\r' | '\n'));
            return if blank { Ok(()) } else { Err("it has text outside its root".to_owned()) };
        };
        match element.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => element.children.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, String> {
        if !self.open.is_empty() {
            return Err("it ends inside an element".to_owned());
        }
        self.root.ok_or_else(|| "it has no element".to_owned())
    }
}

/// What the start of an element declares on top of `outer`, and its other attributes with their values.
#[expect(clippy::type_complexity, reason = "a scope, and names with values")]
fn declarations(
    start: &BytesStart<'_>,
    outer: Arc<Scope>,
) -> Result<(Arc<Scope>, Vec<(String, String)>), String> {
    let (mut scope, mut others) = (outer, Vec::new());
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if count >= ATTRIBUTES_MAX {
            return Err(format!("an element has more than {ATTRIBUTES_MAX} attributes"));
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| error.to_string())?.into_owned();
        if attribute.value.contains('<') || !value.chars().all(is_char) {
            return Err("an attribute has a character that XML does not allow".to_owned());
        }
        let name = attribute.key.as_ref();
        let prefix = match name.strip_prefix("xmlns") {
            Some("") => "",
            Some(prefix) if prefix.starts_with(':') => prefix.trim_start_matches(':'),
            _ => {
                others.push((name.to_owned(), value));
                continue;
            }
        };
        let reserved = ["xml", "xmlns"].contains(&prefix)
            || [XML_NAMESPACE, XMLNS_NAMESPACE].contains(&value.as_str())
            || value.len() > NAMESPACE_BYTES_MAX;
        let (named, bound) = (!prefix.is_empty(), !value.is_empty());
        if reserved || (named && (!is_name(prefix) || !bound)) || scope.len() >= PREFIXES_MAX {
            return Err(format!("it cannot declare the prefix {prefix:?}"));
        }
        Arc::make_mut(&mut scope).insert(prefix.to_owned(), value);
    }
    Ok((scope, others))
}

fn namespace_of(prefix: &str, scope: &Scope) -> Result<String, String> {
    if prefix == "xml" {
        return Ok(XML_NAMESPACE.to_owned());
    }
    scope.get(prefix).cloned().ok_or_else(|| format!("the prefix {prefix} is not declared"))
}

/// `prefix:local`, or a local name alone.
fn split(name: &str) -> Result<(String, String), String> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    if (name.contains(':') && !is_name(prefix)) || !is_name(local) {
        return Err(format!("{name:?} is not a name of the kind that is read"));
    }
    Ok((prefix.to_owned(), local.to_owned()))
}

/// A name without a colon, in ASCII: all that SAML and its signatures use.
fn is_name(text: &str) -> bool {
    let first = text.bytes().next();
    first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// The character that a reference stands for: one of XML's five entities, or a number.
fn referred(name: &str) -> Option<char> {
    let number = |digits: &str, radix| {
        let plain = digits.chars().all(|char| char.is_digit(radix));
        let code = plain.then(|| u32::from_str_radix(digits, radix).ok()).flatten()?;
        char::from_u32(code).filter(|char| is_char(*char))
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix("#x") {
            Some(digits) => number(digits, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}

/// `Char` of XML 1.0, section 2.2.
fn is_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
