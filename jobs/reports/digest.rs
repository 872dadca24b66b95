//! Makes a letter of figures: for a run, for a test, or for whoever wants to look at it beforehand. All three read the
//! figures as the API does, so they are the same for the same moment.

use base64::{Engine, prelude::BASE64_STANDARD};
use stoa_actors::mailer::Enclosure;
use stoa_core::{Error, Result, Scope, TenantId, db::Db};
use stoa_protocols::{
    chart::Picture,
    render::{
        Manner, Renderer,
        mail::{self, FigureName, ReportChart, ReportFile, ReportPeriod, ReportScope},
    },
};
use stoa_record::{
    analytics::{self, Analytics, Compare, Query, Whose},
    history::Granularity,
    reports::{ReportEvery, ReportKind, runs::Bulletin},
};

use super::{charts, figures, table};

/// What a letter is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form<'a> {
    /// To be sent; pictures are named by this word and the host behind it.
    Letter {
        /// Tells letters apart, such as the id of a run.
        name: &'a str,
        /// Address of the server without a path.
        base_url: &'a str,
        /// For its maker alone.
        is_test: bool,
    },
    /// To be looked at in a browser: pictures are in it.
    Page,
}

/// A letter and what comes with it.
#[derive(Debug)]
pub struct Digest {
    /// Its words.
    pub words: mail::Report,
    /// How its reader is written to.
    pub manner: Manner,
    /// Its pictures.
    pub pictures: Vec<Enclosure>,
    /// Its figures.
    pub told: Analytics,
    /// Nothing happened.
    pub is_empty: bool,
}

/// Reads the figures of a letter, as its reader may see them, and makes the letter.
///
/// # Errors
/// As the database says.
pub async fn digest(db: &Db, tenant: TenantId, bulletin: &Bulletin, form: Form<'_>) -> Result<Digest> {
    let led_by = match bulletin.report.kind {
        ReportKind::Institution => None,
        ReportKind::Groups => bulletin.user,
    };
    let mut tx = db.tenant(&Scope { led_by, ..Scope::house(tenant) }).await?;
    let granularity = match bulletin.report.every {
        ReportEvery::Week => Granularity::Day,
        ReportEvery::Month => Granularity::Week,
    };
    let query = Query {
        from: Some(bulletin.period.0),
        to: Some(bulletin.period.1),
        compare: Some(Compare::PreviousPeriod),
        granularity: Some(granularity),
        ..Query::default()
    };
    let told = analytics::read(&mut tx, &query).await?;
    let manner = Manner::of(&bulletin.locale, &bulletin.institution_locale, &bulletin.zone);
    let mut pictures = Pictures { form, made: Vec::new() };
    let words = words(bulletin, &told, (manner, &mut pictures));
    Ok(Digest { words, manner, pictures: pictures.made, is_empty: figures::is_empty(&told), told })
}

impl Digest {
    /// The figures as a file of CSV in the reader's manner.
    ///
    /// # Errors
    /// `internal` when it cannot be written.
    pub fn csv(&self, renderer: &Renderer) -> Result<Vec<u8>> {
        table::table(renderer, self.manner.language, word(self.words.every), &self.told)
    }

    /// What the file is called.
    pub fn file_name(&self) -> String {
        format!("report-{}-{}.csv", self.words.from, self.words.to)
    }

    /// The letter as it is read.
    ///
    /// # Errors
    /// `internal` when it cannot be written.
    pub fn letter(&self, renderer: &Renderer) -> Result<stoa_protocols::render::Letter> {
        renderer.letter(&self.words, self.manner).map_err(Error::internal)
    }
}

fn words(bulletin: &Bulletin, told: &Analytics, (manner, pictures): (Manner, &mut Pictures<'_>)) -> mail::Report {
    let direction = manner.language.direction();
    let points = (FigureName::ActiveLearners, charts::points(told, direction));
    let tiers = told.engagement_tiers.as_ref().and_then(|tiers| charts::shares(tiers, direction));
    let is_test = matches!(pictures.form, Form::Letter { is_test: true, .. });
    mail::Report {
        recipient_name: bulletin.name.clone(),
        institution_name: bulletin.institution_name.clone(),
        report_name: bulletin.report.name.clone(),
        is_test,
        whose: match told.whose {
            Whose::Institution => ReportScope::Institution,
            Whose::OwnGroups | Whose::Cohort { .. } => ReportScope::OwnGroups,
        },
        every: period(bulletin.report.every),
        from: told.period.from,
        to: told.period.to,
        days_of: told.period.tz.clone(),
        as_of: told.as_of,
        suppressed: told.suppressed,
        active: told.active_learners.map_or(0, |active| active.period),
        completed: told.enrollments.map_or(0, |enrollments| enrollments.completed),
        figures: figures::figures(told),
        points_chart: pictures.take(points),
        points: figures::points(told),
        tiers_chart: pictures.take((FigureName::Overdue, tiers)),
        tiers: figures::tiers(told),
        courses: figures::courses(told),
        file: ReportFile::None,
        unsubscribe_url: None,
    }
}

/// How long a report's periods are, as letters say it.
pub(crate) const fn period(every: ReportEvery) -> ReportPeriod {
    match every {
        ReportEvery::Week => ReportPeriod::Week,
        ReportEvery::Month => ReportPeriod::Month,
    }
}

const fn word(period: ReportPeriod) -> &'static str {
    match period {
        ReportPeriod::Week => ReportEvery::Week.as_str(),
        ReportPeriod::Month => ReportEvery::Month.as_str(),
    }
}

struct Pictures<'a> {
    form: Form<'a>,
    made: Vec<Enclosure>,
}

impl Pictures<'_> {
    /// Puts a picture into the letter.
    fn take(&mut self, (of, picture): (FigureName, Option<Picture>)) -> Option<ReportChart> {
        let Picture { width, height, png } = picture?;
        let src = match self.form {
            Form::Page => format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&png)),
            Form::Letter { name, base_url, .. } => {
                let host = base_url.split("://").last().unwrap_or_default();
                let host = host.split([':', '/']).next().filter(|host| !host.is_empty()).unwrap_or("localhost");
                let id = format!("{}.{name}@{host}", self.made.len());
                let (name, media) = (charts::file_name(of).to_owned(), "image/png");
                self.made.push(Enclosure { shown_as: Some(id.clone()), name, media, bytes: png });
                format!("cid:{id}")
            }
        };
        Some(ReportChart { src, width, height })
    }
}
