//! Exclusive XML Canonicalization 1.0, without comments: the bytes that a signature is over.
//!
//! Source: W3C, "Exclusive XML Canonicalization Version 1.0", and Canonical XML 1.0, section 2.3, for order and escapes.

use std::collections::{BTreeMap, BTreeSet};

use super::xml::{Element, Node};

/// The canonical form of `apex`, without the element `omitted` in it. The prefixes of `inclusive` are written where they
/// are declared and not only where they are used; `#default` stands for the default namespace.
pub(super) fn canonical(apex: &Element, omitted: Option<&Element>, inclusive: &[&str]) -> String {
    let inclusive = inclusive.iter().map(|it| if *it == "#default" { "" } else { it }).collect();
    let mut writer = CanonicalWriter { out: String::new(), omitted, inclusive };
    writer.element(apex, &BTreeMap::new());
    writer.out
}

struct CanonicalWriter<'e> {
    out: String,
    omitted: Option<&'e Element>,
    inclusive: BTreeSet<&'e str>,
}

impl<'e> CanonicalWriter<'e> {
    /// Writes `element`; `written` are the declarations of the elements around it, as they were written.
    fn element(&mut self, element: &'e Element, written: &BTreeMap<&'e str, &'e str>) {
        let mut written = written.clone();
        let name = qualified(&element.prefix, &element.local);
        self.out.push('<');
        self.out.push_str(&name);
        for prefix in self.used(element) {
            let uri = element.scope.get(prefix).map_or("", String::as_str);
            if written.get(prefix).copied().unwrap_or_default() == uri {
                continue;
            }
            written.insert(prefix, uri);
            let declaration = if prefix.is_empty() { "xmlns" } else { "xmlns:" };
            self.attribute(&format!("{declaration}{prefix}"), uri);
        }
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by_key(|it| (&it.namespace, &it.local));
        for attribute in attributes {
            self.attribute(&qualified(&attribute.prefix, &attribute.local), &attribute.value);
        }
        self.out.push('>');
        for child in &element.children {
            match child {
                Node::Text(text) => self.text(text),
                Node::Element(child) => {
                    if !self.omitted.is_some_and(|omitted| std::ptr::eq(omitted, child)) {
                        self.element(child, &written);
                    }
                }
            }
        }
        self.out.push_str("</");
        self.out.push_str(&name);
        self.out.push('>');
    }

    /// The prefixes to declare: those that the element's own name and its attributes' names use, and the inclusive ones
    /// that are in scope. In the order of declarations: the default namespace first.
    fn used(&self, element: &'e Element) -> BTreeSet<&'e str> {
        let mut used = BTreeSet::from([element.prefix.as_str()]);
        let prefixes = element.attributes.iter().map(|it| it.prefix.as_str());
        used.extend(prefixes.filter(|prefix| !prefix.is_empty()));
        let declared = element.scope.keys().map(String::as_str);
        used.extend(declared.filter(|prefix| self.inclusive.contains(prefix)));
        used.remove("xml");
        used
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        for char in value.chars() {
            match char {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                _ => self.out.push(char),
            }
        }
        self.out.push('"');
    }

    fn text(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                _ => self.out.push(char),
            }
        }
    }
}

fn qualified(prefix: &str, local: &str) -> String {
    if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
}

#[cfg(test)]
mod tests {
    use super::super::xml::{XmlRules, parse};
    use super::*;

    fn form(text: &str, inclusive: &[&str]) -> String {
        let rules = XmlRules { elements_max: 100, comments: false };
        let root = parse(text, &rules).unwrap();
        let apex = root.elements().next().unwrap_or(&root);
        canonical(apex, None, inclusive)
    }

    /// The example of the standard, section 2.2: the same element inside two others has one form.
    #[test]
    fn what_surrounds_an_element_does_not_change_its_form() {
        let inner = r#"<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2>"#;
        let first = format!(r#"<n0:pdu xmlns:n0="http://a.example">{inner}</n0:pdu>"#);
        let second = format!(
            r#"<n1:pdu xmlns:n1="http://example.net" xmlns:n3="ftp://example.org" xml:lang="fr">{inner}</n1:pdu>"#
        );
        let expected = r#"<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>"#;
        assert_eq!([form(&first, &[]), form(&second, &[])], [expected, expected]);
    }

    #[test]
    fn a_declaration_stands_where_its_prefix_is_first_used_and_inclusive_ones_where_they_are_in_scope()
     {
        let text = r#"<a xmlns="urn:d" xmlns:x="urn:x" xmlns:y="urn:y"><b z="1" a="2" y:c="3"><x:d/><x:e/></b></a>"#;
        let expected = r#"<b xmlns="urn:d" xmlns:y="urn:y" a="2" z="1" y:c="3"><x:d xmlns:x="urn:x"></x:d><x:e xmlns:x="urn:x"></x:e></b>"#;
        assert_eq!(form(text, &[]), expected);
        let expected = r#"<b xmlns="urn:d" xmlns:x="urn:x" xmlns:y="urn:y" a="2" z="1" y:c="3"><x:d></x:d><x:e></x:e></b>"#;
        assert_eq!(form(text, &["x"]), expected);
    }

    #[test]
    fn a_default_namespace_is_taken_back_where_an_element_has_none() {
        let text = r#"<r><a xmlns="urn:d"><b xmlns=""><c/></b></a></r>"#;
        assert_eq!(form(text, &[]), r#"<a xmlns="urn:d"><b xmlns=""><c></c></b></a>"#);
    }

    #[test]
    fn characters_are_escaped_as_the_standard_says() {
        let text =
            "<r><a t=\"&#9;&#10;&#13;&lt;&quot;'&amp;\n>\">&#13;\r\n&lt;&gt;\"&amp;\u{e9}</a></r>";
        let expected =
            "<a t=\"&#x9;&#xA;&#xD;&lt;&quot;'&amp; >\">&#xD;\n&lt;&gt;\"&amp;\u{e9}</a>";
        assert_eq!(form(text, &[]), expected);
    }
}
