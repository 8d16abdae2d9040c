//! A number that each retrospective asks for; its title is its identity.

use serde::{Serialize, Serializer};

use crate::mattermost::playbooks::MetricType;

/// A number that each retrospective asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricState {
    /// Its title.
    pub title: String,
    /// What it counts.
    pub kind: MetricType,
    /// The value to stay below, a duration in milliseconds; none is not 0.
    pub target: Option<i64>,
    /// What exactly is measured.
    pub description: String,
}

impl Serialize for MetricState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'m> {
            title: &'m str,
            #[serde(rename = "type")]
            kind: &'m str,
            target: Option<Target>,
            description: &'m str,
        }
        let (kind, is_time) = match &self.kind {
            MetricType::Duration => ("duration", true),
            MetricType::Currency => ("currency", false),
            MetricType::Integer => ("integer", false),
            MetricType::Other(other) => (other.as_str(), false),
        };
        let target = self.target.map(|number| Target { number, is_time });
        Shown {
            title: &self.title,
            kind,
            target,
            description: &self.description,
        }
        .serialize(serializer)
    }
}

/// A text, so that 0 is not taken for nothing.
struct Target {
    number: i64,
    is_time: bool,
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_time {
            super::as_millis(&Some(self.number), serializer)
        } else {
            serializer.collect_str(&self.number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_reads_as_people_write_it_and_zero_is_not_nothing() {
        let metric = |kind, target| MetricState {
            title: "T".to_owned(),
            kind,
            target,
            description: String::new(),
        };
        let all = [
            metric(MetricType::Duration, Some(1_800_000)),
            metric(MetricType::Duration, Some(1)),
            metric(MetricType::Currency, Some(0)),
            metric(MetricType::Integer, None),
        ];
        let lines = all.map(|metric| serde_json::to_string(&metric).unwrap());
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"title":"T","type":"duration","target":"30m","description":""}
        {"title":"T","type":"duration","target":"1ms","description":""}
        {"title":"T","type":"currency","target":"0","description":""}
        {"title":"T","type":"integer","target":null,"description":""}
        "#);
    }
}
