//! `ip`: IPv4 and IPv6 addresses, kept as IPv6. Source: Elasticsearch 7.10, "IP field type".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use super::column::Column;
use super::field_type::MappedFieldType;
use super::keyword::not_text;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, RangeBounds, RangeLookup, TermLookup};
use crate::exception::Exception;
use crate::value::scalar::plain;

/// The parameters of `ip`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("ignore_malformed", ParameterShape::Bool(false)),
    fixed("null_value", ParameterShape::Text),
    updatable("meta", ParameterShape::Object),
];

/// An ip field.
#[derive(Clone, Debug, PartialEq)]
pub struct Ip {
    /// What an explicit `null` is indexed as.
    pub null_value: Option<Ipv6Addr>,
    /// Whether a malformed value is left out instead of refused.
    pub ignore_malformed: bool,
    /// Whether it can be searched by term.
    pub index: bool,
    /// Whether it has a column.
    pub doc_values: bool,
}

impl MappedFieldType for Ip {
    fn name(&self) -> &'static str {
        "ip"
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Ip)
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn is_searched_by_column(&self) -> bool {
        true
    }

    fn ignores_malformed(&self) -> bool {
        self.ignore_malformed
    }

    fn is_searched_as_text(&self) -> bool {
        true
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        let text = TermLookup::text(value)?;
        let block = match text.contains('/') {
            true => cidr(&text),
            false => address(&text).map(|address| (address, address)),
        };
        let (low, high) = block.map_err(|cause| context.failed(cause))?;
        Ok(TermLookup::Addresses(low, high, text))
    }

    fn range(
        &self,
        bounds: &RangeBounds,
        context: QueryContext<'_>,
    ) -> Result<RangeLookup, Exception> {
        let (low, high) = between(bounds).map_err(|cause| context.failed(cause))?;
        Ok(RangeLookup::Addresses(low, high))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        let parsed = match value {
            Value::Null => Ok(self.null_value),
            Value::Object(_) | Value::Array(_) => Err(not_text()),
            value => Ip::parse(value).map(Some),
        };
        let parsed = context.unless_malformed(parsed)?;
        if let (Some(field), Some(address)) = (context.leaf.field, parsed) {
            context.values().add_ip_addr(field, address);
        }
        Ok(parsed.is_some())
    }
}

impl Ip {
    pub(super) fn build(parameters: &Parameters) -> Result<Ip, Exception> {
        let null_value = match parameters.value("null_value") {
            None | Some(Value::Null) => None,
            // One that cannot be read is passed over, as Elasticsearch does.
            Some(value) => Ip::parse(value).ok(),
        };
        Ok(Ip {
            null_value,
            ignore_malformed: parameters.bool("ignore_malformed", false),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
        })
    }

    /// Reads an address; IPv4 becomes its IPv6-mapped form.
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    pub fn parse(value: &Value) -> Result<Ipv6Addr, Exception> {
        let text = plain(value);
        match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => Ok(address.to_ipv6_mapped()),
            Ok(IpAddr::V6(address)) => Ok(address),
            Err(_) => {
                Err(Exception::illegal_argument(format!("'{text}' is not an IP string literal.")))
            }
        }
    }

    /// Prints an address as Elasticsearch does: mapped IPv4 in dots.
    pub fn print(address: Ipv6Addr) -> String {
        address.to_ipv4_mapped().map_or_else(|| address.to_string(), |v4| v4.to_string())
    }
}

/// An address; IPv4 as IPv6.
pub(crate) fn address(text: &str) -> Result<Ipv6Addr, Exception> {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => Ok(address.to_ipv6_mapped()),
        Ok(IpAddr::V6(address)) => Ok(address),
        Err(_) => {
            Err(Exception::illegal_argument(format!("'{text}' is not an IP string literal.")))
        }
    }
}

/// The first and the last address of a block.
pub(crate) fn cidr(text: &str) -> Result<(Ipv6Addr, Ipv6Addr), Exception> {
    let bad = || Exception::illegal_argument(format!("Expected [ip/prefix] but was [{text}]"));
    let (address, length) = text.split_once('/').ok_or_else(bad)?;
    let is_v4 = address.parse::<Ipv4Addr>().is_ok();
    let given: u32 = length.parse().map_err(|_| bad())?;
    let length = if is_v4 { given.checked_add(96).ok_or_else(bad)? } else { given };
    if length > 128 {
        return Err(Exception::illegal_argument(format!(
            "Illegal prefix length [{given}] in [{text}]. Must be 0-32 for IPv4 ranges, 0-128 for IPv6 ranges"
        )));
    }
    let bits = u128::from(self::address(address)?);
    let host = u128::MAX.checked_shr(length).unwrap_or(0);
    Ok((Ipv6Addr::from(bits & !host), Ipv6Addr::from(bits | host)))
}

/// Both bounds, included.
fn between(bounds: &RangeBounds) -> Result<(u128, u128), Exception> {
    let read = |value: &Value| Ok::<_, Exception>(u128::from(address(&bounds.text(value)?)?));
    let low = match &bounds.from {
        None => Some(0),
        Some((value, true)) => Some(read(value)?),
        Some((value, false)) => read(value)?.checked_add(1),
    };
    let high = match &bounds.to {
        None => Some(u128::MAX),
        Some((value, true)) => Some(read(value)?),
        Some((value, false)) => read(value)?.checked_sub(1),
    };
    // Beyond the ends there is none.
    Ok(low.zip(high).unwrap_or((1, 0)))
}
