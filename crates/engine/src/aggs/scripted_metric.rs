//! `scripted_metric`: a state that scripts make: `init_script` begins it in each index, `map_script` changes it with each document,
//! `combine_script` makes a result of it, and `reduce_script` one of all results.
//!
//! Source: Elasticsearch 7.10 reference, "Scripted metric aggregation", and `ScriptedMetricAggregator`.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::shared::SharedState;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::dsl::options::Options;
use crate::dsl::script::{OnIndex, OnSegment};
use crate::exception::{Exception, internal};
use crate::script::painless::value::Value as ScriptValue;
use crate::script::{GivenVariable, Machine, Script, ScriptContext, ScriptRequest, context};
use crate::work::HeldMemory;

/// A `scripted_metric` aggregation.
#[derive(Clone, Debug)]
struct ScriptedMetric {
    name: String,
    init: Option<ScriptRequest>,
    map: ScriptRequest,
    combine: Option<ScriptRequest>,
    reduce: Option<ScriptRequest>,
    /// What each of its scripts finds among its parameters.
    params: Value,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let script = |key: &str| read(&options, key);
    let Some(map) = script("map_script")? else {
        return Err(Exception::illegal_argument("Required [map_script]"));
    };
    let metric = ScriptedMetric {
        name: body.name.to_owned(),
        init: script("init_script")?,
        map,
        combine: script("combine_script")?,
        reduce: script("reduce_script")?,
        params: options.get("params").cloned().unwrap_or(Value::Null),
    };
    options.finish()?;
    Ok(Arc::new(metric))
}

fn read(options: &Options<'_>, key: &str) -> Result<Option<ScriptRequest>, Exception> {
    let script = options.get(key).map(ScriptRequest::parse).transpose();
    script.map_err(|cause| options.failed(key, cause))
}

impl ScriptedMetric {
    /// One of its scripts, with the parameters of all.
    fn with_params(&self, script: &ScriptRequest) -> Result<ScriptRequest, Exception> {
        script.with_params(&self.params)
    }

    /// A script that must be there: `name` is that of Elasticsearch's setter.
    fn needed<'a>(
        &self,
        script: &'a Option<ScriptRequest>,
        name: &str,
    ) -> Result<&'a ScriptRequest, Exception> {
        script.as_ref().ok_or_else(|| {
            let reason = format!("[{name}] must not be null: [{}]", self.name);
            Exception::illegal_argument(reason)
        })
    }
}

impl AggregationDefinition for ScriptedMetric {
    fn start(
        &self,
        _: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(ScriptedMetricCollector {
            metric: self.clone(),
            machine: Machine::new(shared.work(), shared.now()),
            init: None,
            map: None,
            combine: None,
            segment: None,
            states: Vec::new(),
            results: Vec::new(),
            indices: 0,
            shared: shared.clone(),
            held,
        })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Other
    }
}

/// A `scripted_metric` while it runs.
struct ScriptedMetricCollector {
    metric: ScriptedMetric,
    /// Where the states of the open index are.
    machine: Machine,
    init: Option<Script>,
    map: Option<OnIndex>,
    combine: Option<Script>,
    segment: Option<OnSegment>,
    /// Of each owner, in the open index.
    states: Vec<Option<ScriptValue>>,
    /// What was combined of each owner, of each index that is closed.
    results: Vec<Vec<Value>>,
    indices: usize,
    shared: SharedState,
    held: HeldMemory,
}

/// What a state takes in the list of them.
const STATE_BYTES: u64 = 32;

impl ScriptedMetricCollector {
    /// A state as `init_script` leaves it.
    fn new_state(&mut self) -> Result<ScriptValue, Exception> {
        let state = self.machine.empty_map();
        if let Some(init) = &self.init {
            let given = [("state", GivenVariable::Value(state.clone()))];
            self.machine.run_kept(&init.program, &init.params, &given, None)?;
        }
        Ok(state)
    }

    /// What `combine_script` makes of a state.
    fn combined(&mut self, state: ScriptValue) -> Result<Value, Exception> {
        let Some(combine) = &self.combine else { return Ok(Value::Null) };
        let given = [("state", GivenVariable::Value(state))];
        let result =
            self.machine.run_kept(&combine.program, &combine.params, &given, None)?.json()?;
        self.held.grow(result.to_string().len() as u64)?;
        Ok(result)
    }

    /// Forgets what no state reaches any more.
    fn tidy(&mut self) -> Result<(), Exception> {
        if !self.machine.is_untidy() {
            return Ok(());
        }
        let mut states: Vec<&mut ScriptValue> = self.states.iter_mut().flatten().collect();
        self.machine.tidy(&mut states)
    }
}

impl Collector for ScriptedMetricCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let metric = &self.metric;
        let combine = metric.needed(&metric.combine, "combineScript")?;
        metric.needed(&metric.reduce, "reduceScript")?;
        let compiled = |script: &ScriptRequest, context: &'static ScriptContext| {
            metric.with_params(script)?.compile(context, index.lowering.work)
        };
        let init = metric.init.as_ref();
        self.init = init.map(|init| compiled(init, &context::AGGS_INIT)).transpose()?;
        let map = metric.with_params(&metric.map)?;
        self.map = Some(OnIndex::new(&map, &context::AGGS_MAP, &index.lowering)?);
        self.combine = Some(compiled(combine, &context::AGGS_COMBINE)?);
        self.indices += 1;
        Ok(())
    }

    fn close_index(&mut self, _: &IndexContext<'_>) -> Result<(), Exception> {
        for (owner, state) in std::mem::take(&mut self.states).into_iter().enumerate() {
            self.shared.check()?;
            let Some(state) = state else { continue };
            let result = self.combined(state)?;
            if self.results.len() <= owner {
                self.held.grow((owner + 1 - self.results.len()) as u64 * STATE_BYTES)?;
                self.results.resize_with(owner + 1, Vec::new);
            }
            if let Some(results) = self.results.get_mut(owner) {
                results.push(result);
            }
        }
        self.machine = Machine::new(self.shared.work(), self.shared.now());
        Ok(())
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        let open = |map: &OnIndex| map.on_segment(reader).map_err(internal);
        self.segment = self.map.as_ref().map(open).transpose()?;
        Ok(())
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let place = owner as usize;
        if self.states.len() <= place {
            self.held.grow((place + 1 - self.states.len()) as u64 * STATE_BYTES)?;
            self.states.resize_with(place + 1, || None);
        }
        let state = match self.states.get(place).cloned().flatten() {
            Some(state) => state,
            None => {
                let state = self.new_state()?;
                if let Some(place) = self.states.get_mut(place) {
                    *place = Some(state.clone());
                }
                state
            }
        };
        if let Some(segment) = &mut self.segment {
            segment.run_in(&mut self.machine, doc, score, state)?;
        }
        self.tidy()
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let mut states = self.results.get_mut(owner as usize).map(std::mem::take);
        if states.as_ref().is_none_or(Vec::is_empty) {
            // What nothing was collected of is begun, and combined, nevertheless.
            let mut fresh = Vec::new();
            for _ in 0..self.indices {
                let state = self.new_state()?;
                fresh.push(self.combined(state)?);
            }
            states = Some(fresh);
        }
        let metric = &self.metric;
        let reduced = || -> Result<Value, Exception> {
            let reduce = metric.needed(&metric.reduce, "reduceScript")?;
            let reduce = metric.with_params(reduce)?;
            let reduce = reduce.compile(&context::AGGS_REDUCE, self.shared.work())?;
            let states = Value::Array(states.unwrap_or_default());
            let given = [("states", GivenVariable::Json(&states))];
            let mut machine = Machine::new(self.shared.work(), self.shared.now());
            reduce.run(&mut machine, &given, None)?.json()
        };
        // Without an index there is nothing to reduce.
        let value = if self.indices == 0 {
            Value::Null
        } else {
            reduced().map_err(Exception::reduce_phase)?
        };
        Ok(Map::from_iter([("value".to_owned(), value)]))
    }

    fn type_name(&self) -> &'static str {
        "scripted_metric"
    }
}
