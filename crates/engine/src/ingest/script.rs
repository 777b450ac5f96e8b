//! Scripts of pipelines: what a processor does to a document, and whether a step is done at all.
//!
//! Source: `ScriptProcessor` and `ConditionalProcessor` of Elasticsearch 7.10.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::document::IngestDocument;
use crate::exception::{Exception, ExceptionKind};
use crate::script::{GivenVariable, Machine, Script, ScriptContext, ScriptRequest, context};
use crate::work::Work;

/// A script of a pipeline. One that stands in the pipeline is compiled with it, a stored one when it is run.
#[derive(Debug)]
pub(super) struct IngestScript {
    request: ScriptRequest,
    context: &'static ScriptContext,
    compiled: Option<Script>,
}

/// The `if` of a step.
#[derive(Debug)]
pub(super) struct Condition(IngestScript);

impl IngestScript {
    /// Reads a script of the processor `script`: its own keys of `entries` are taken out.
    ///
    /// # Errors
    /// `script_exception` "compile error"; `exception` around what is no script.
    pub(super) fn take(entries: &mut Map<String, Value>) -> Result<IngestScript, Exception> {
        let whole = Value::Object(std::mem::take(entries));
        let request = ScriptRequest::parse(&whole).map_err(wrapped)?;
        IngestScript::of(request, &context::INGEST).map_err(|fault| match fault.kind() {
            ExceptionKind::IllegalArgument => wrapped(fault),
            _ => fault,
        })
    }

    fn of(
        request: ScriptRequest,
        context: &'static ScriptContext,
    ) -> Result<IngestScript, Exception> {
        let compiled = match request.is_stored() {
            true => None,
            false => Some(request.compile(context, &Work::unbounded())?),
        };
        Ok(IngestScript { request, context, compiled })
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// `resource_not_found_exception` for a stored script that is not.
    pub(super) fn check(&self, work: &Work) -> Result<(), Exception> {
        self.request.text(work).map(drop)
    }

    fn script(&self, work: &Work) -> Result<Cow<'_, Script>, Exception> {
        match &self.compiled {
            Some(script) => Ok(Cow::Borrowed(script)),
            None => self.request.compile(self.context, work).map(Cow::Owned),
        }
    }

    /// Lets it change `document`.
    ///
    /// # Errors
    /// `script_exception` "runtime error"; a limit of one run, or of all runs of the request.
    pub(super) fn change(&self, document: &mut IngestDocument) -> Result<(), Exception> {
        let work = document.work.clone();
        let script = self.script(&work)?;
        let mut machine = Machine::new(&work, document.now);
        let before = Value::Object(std::mem::take(&mut document.fields));
        let given = [("ctx", GivenVariable::Json(&before))];
        let changed = script.run(&mut machine, &given, None).and_then(|mut outcome| {
            work.script_steps(outcome.steps())?;
            outcome.variable("ctx")
        });
        match changed {
            Ok(Value::Object(changed)) => {
                document.replaced(changed)?;
                Ok(())
            }
            other => {
                if let Value::Object(before) = before {
                    document.fields = before;
                }
                other.map(drop)
            }
        }
    }
}

impl Condition {
    /// Reads the `if` of a step.
    ///
    /// # Errors
    /// `parse_exception` for what is neither a text nor an object; as [`IngestScript::take`].
    pub(super) fn read(value: &Value) -> Result<Condition, Exception> {
        if !matches!(value, Value::String(_) | Value::Object(_)) {
            let class = super::java::class(value);
            let reason = format!("[script] property isn't a map or string, but of type [{class}]");
            return Err(Exception::new(ExceptionKind::ElasticsearchParse, reason)
                .with("property_name", "script")
                .with("processor_type", "conditional"));
        }
        let request = ScriptRequest::parse(value)?;
        IngestScript::of(request, &context::PROCESSOR_CONDITIONAL).map(Condition)
    }

    /// Whether its script is there.
    ///
    /// # Errors
    /// As [`IngestScript::check`].
    pub(super) fn check(&self, work: &Work) -> Result<(), Exception> {
        self.0.check(work)
    }

    /// As a simulation tells it: its text, or the name under which it is stored.
    pub(super) fn told(&self) -> &str {
        self.0.request.name_or_text()
    }

    /// Whether it holds for `document`.
    ///
    /// # Errors
    /// As [`IngestScript::change`]; `script_exception` for a script that changes what it looks at.
    pub(super) fn holds(&self, document: &mut IngestDocument) -> Result<bool, Exception> {
        let work = document.work.clone();
        let script = self.0.script(&work)?;
        let mut machine = Machine::new(&work, document.now);
        let fields = Value::Object(std::mem::take(&mut document.fields));
        let given = [("ctx", GivenVariable::Json(&fields))];
        let outcome = script.run(&mut machine, &given, None).and_then(|mut outcome| {
            work.script_steps(outcome.steps())?;
            Ok((outcome.truth(), outcome.variable("ctx")?))
        });
        let unchanged = outcome.as_ref().is_ok_and(|(_, after)| *after == fields);
        if let Value::Object(fields) = fields {
            document.fields = fields;
        }
        let (holds, _) = outcome?;
        if !unchanged {
            let why = "Mutating ingest documents in conditionals is not supported";
            return Err(Exception::new(ExceptionKind::Script, "runtime error")
                .with("script", self.told())
                .with("lang", "painless")
                .caused_by(Exception::new(ExceptionKind::UnsupportedOperation, why)));
        }
        Ok(holds)
    }
}

/// Java's own exceptions, as the factory of a processor lets them through.
fn wrapped(fault: Exception) -> Exception {
    let class = match fault.kind() {
        ExceptionKind::IllegalArgument => "java.lang.IllegalArgumentException",
        ExceptionKind::XContentParse => "org.elasticsearch.common.xcontent.XContentParseException",
        _ => return fault,
    };
    let reason = format!("{class}: {}", fault.reason());
    Exception::new(ExceptionKind::Generic, reason).caused_by(fault)
}
