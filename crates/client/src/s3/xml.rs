//! S3's few documents.

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::Event;

/// Elements within elements that are read.
const DEPTH_MAX: usize = 16;

/// A page of objects.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Their names and lengths.
    pub(super) objects: Vec<(String, u64)>,
    /// What the next page is asked for by; `None`: this is the last.
    pub(super) next: Option<String>,
}

/// `ListBucketResult`.
pub(super) fn list(document: &[u8]) -> Result<Page, String> {
    let (mut page, mut object, mut truncated) = (Page::default(), (None, None), false);
    walk(document, |path, text| {
        match path {
            ["ListBucketResult", "Contents", "Key"] => object.0 = Some(text.to_owned()),
            ["ListBucketResult", "Contents", "Size"] => object.1 = text.parse().ok(),
            ["ListBucketResult", "Contents"] => {
                if let (Some(name), Some(bytes)) = (object.0.take(), object.1.take()) {
                    page.objects.push((name, bytes));
                }
            }
            ["ListBucketResult", "IsTruncated"] => truncated = text == "true",
            ["ListBucketResult", "NextContinuationToken"] => page.next = Some(text.to_owned()),
            _ => {}
        }
        Ok(())
    })?;
    if !truncated {
        page.next = None;
    } else if page.next.is_none() {
        return Err("there is a next page, but no token for it".to_owned());
    }
    Ok(page)
}

/// The names and ids of `ListMultipartUploadsResult`.
pub(super) fn uploads(document: &[u8]) -> Result<Vec<(String, String)>, String> {
    let (mut found, mut key, mut id) = (Vec::new(), None, None);
    walk(document, |path, text| {
        match path {
            ["ListMultipartUploadsResult", "Upload", "Key"] => key = Some(text.to_owned()),
            ["ListMultipartUploadsResult", "Upload", "UploadId"] => id = Some(text.to_owned()),
            ["ListMultipartUploadsResult", "Upload"] => found.extend(key.take().zip(id.take())),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// The id of `InitiateMultipartUploadResult`.
pub(super) fn upload_id(document: &[u8]) -> Result<String, String> {
    let mut id = None;
    walk(document, |path, text| {
        if path == ["InitiateMultipartUploadResult", "UploadId"] {
            id = Some(text.to_owned());
        }
        Ok(())
    })?;
    id.filter(|id| !id.is_empty()).ok_or_else(|| "no UploadId".to_owned())
}

/// Code and message of `Error`; `None`: it is something else.
pub(super) fn refusal(document: &[u8]) -> Option<(String, String)> {
    let (mut code, mut message) = (None, String::new());
    let walked = walk(document, |path, text| {
        match path {
            ["Error", "Code"] => code = Some(shortened(text)),
            ["Error", "Message"] => message = shortened(text),
            _ => {}
        }
        Ok(())
    });
    walked.ok()?;
    code.map(|code| (code, message))
}

/// Whether it is a whole `CompleteMultipartUploadResult`.
pub(super) fn is_completed(document: &[u8]) -> bool {
    let mut closed = false;
    let walked = walk(document, |path, _| {
        closed |= path == ["CompleteMultipartUploadResult"];
        Ok(())
    });
    walked.is_ok() && closed
}

/// The first object of `DeleteResult` that is still there, and why.
pub(super) fn not_deleted(document: &[u8]) -> Result<Option<(String, String)>, String> {
    let (mut first, mut key, mut code) = (None, String::new(), String::new());
    walk(document, |path, text| {
        match path {
            ["DeleteResult", "Error", "Key"] => key = shortened(text),
            ["DeleteResult", "Error", "Code"] => code = shortened(text),
            ["DeleteResult", "Error"] => {
                let fault = (std::mem::take(&mut key), std::mem::take(&mut code));
                first.get_or_insert(fault);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(first)
}

/// The body of `DeleteObjects`.
pub(super) fn deletion(keys: &[String]) -> String {
    let keys = keys.iter().map(|key| format!("<Object><Key>{}</Key></Object>", escape(key)));
    let keys: String = keys.collect();
    format!(
        r#"<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>{keys}</Delete>"#
    )
}

/// The body of `CompleteMultipartUpload`.
pub(super) fn completion(tags: &[String]) -> String {
    let parts = tags.iter().zip(1..).map(|(tag, number)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", escape(tag))
    });
    let parts: String = parts.collect();
    format!(
        r#"<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{parts}</CompleteMultipartUpload>"#
    )
}

/// What a stranger's server says is told in a log and to a client.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}

/// Calls `each` at the end of every element, with the names of those around it and its own, and with its text.
fn walk(
    document: &[u8],
    mut each: impl FnMut(&[&str], &str) -> Result<(), String>,
) -> Result<(), String> {
    let document = std::str::from_utf8(document).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(document);
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                if path.len() == DEPTH_MAX {
                    return Err("elements stand too deep in each other".to_owned());
                }
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
            }
            Event::Empty(whole) if path.is_empty() => each(&[whole.local_name().as_ref()], "")?,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::End(_) => {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                each(&names, &text)?;
                path.pop();
                text.clear();
            }
            Event::Text(more) => text += &more.xml10_content(),
            Event::CData(more) => text += &more,
            Event::GeneralRef(name) => {
                let known = resolve_predefined_entity(&name);
                match (known, name.resolve_char_ref()) {
                    (Some(known), _) => text += known,
                    (None, Ok(Some(character))) => text.push(character),
                    _ => return Err("an entity of its own".to_owned()),
                }
            }
            Event::DocType(_) => return Err("a document type".to_owned()),
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => return Err("it ends within an element".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_result_says_that_an_upload_is_completed() {
        let whole = "<CompleteMultipartUploadResult><Key>a</Key></CompleteMultipartUploadResult>";
        assert!(is_completed(whole.as_bytes()));
        assert!(is_completed(b"<CompleteMultipartUploadResult/>"));
        for other in ["", "<html></html>", "<Error><Code>InternalErr", whole.split_at(40).0] {
            assert!(!is_completed(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_page_tells_names_lengths_and_the_next_page() {
        let page = list(
            br#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>a+/=</NextContinuationToken>
            <Contents><Key>x/a&amp;b</Key><Size>3</Size><Owner><ID>o</ID></Owner></Contents>
            <Contents><Key>y</Key><Size>0</Size></Contents></ListBucketResult>"#,
        )
        .unwrap();
        let objects = vec![("x/a&b".to_owned(), 3), ("y".to_owned(), 0)];
        assert_eq!(page, Page { objects, next: Some("a+/=".to_owned()) });
    }

    #[test]
    fn a_page_without_its_successor_is_refused() {
        let page = b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>";
        assert!(list(page).is_err());
    }

    #[test]
    fn entities_and_documents_of_ones_own_are_refused() {
        for document in [
            r#"<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>"#.to_owned(),
            "<a>&b;</a>".to_owned(),
            "<a>".repeat(17),
        ] {
            assert!(list(document.as_bytes()).is_err(), "{document}");
        }
    }

    #[test]
    fn what_was_not_deleted_is_told() {
        let told = b"<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
        let fault = ("a".to_owned(), "AccessDenied".to_owned());
        assert_eq!(not_deleted(told).unwrap(), Some(fault));
        assert_eq!(not_deleted(b"<DeleteResult/>").unwrap(), None);
        assert_eq!(not_deleted(b"").unwrap(), None);
    }
}
