//! Words that names of schemas are made of.

/// Prefixes of tables that say only that it is a table, or which layer of a warehouse it is in; sorted.
pub(super) const TABLE_PREFIXES: &[&str] =
    &["d", "dim", "dwh", "f", "fact", "fct", "lkp", "lu", "ods", "raw", "ref", "src", "stg", "tb", "tbl", "v", "vw"];

/// Prefixes of columns that say only that it is a key or a field; sorted.
pub(super) const COLUMN_PREFIXES: &[&str] = &["col", "fk", "fld", "pk"];

/// Abbreviations beside those that questions are read with; sorted.
pub(super) const MORE: &[(&str, &str)] = &[
    ("adj", "adjustment"),
    ("agr", "agreement"),
    ("amnt", "amount"),
    ("appt", "appointment"),
    ("avail", "available"),
    ("bk", "booking"),
    ("cls", "class"),
    ("cmnt", "comment"),
    ("config", "configuration"),
    ("ctgry", "category"),
    ("dim", "dimension"),
    ("dlv", "delivery"),
    ("dtl", "detail"),
    ("dtls", "details"),
    ("ext", "extension"),
    ("flg", "flag"),
    ("fst", "first"),
    ("gndr", "gender"),
    ("hdr", "header"),
    ("hist", "history"),
    ("info", "information"),
    ("itm", "item"),
    ("lang", "language"),
    ("lmt", "limit"),
    ("lst", "last"),
    ("lvl", "level"),
    ("maint", "maintenance"),
    ("mbr", "member"),
    ("mdl", "model"),
    ("mkt", "market"),
    ("msg", "message"),
    ("mth", "month"),
    ("nr", "number"),
    ("obj", "object"),
    ("opp", "opportunity"),
    ("param", "parameter"),
    ("pers", "person"),
    ("pkg", "package"),
    ("pmt", "payment"),
    ("prd", "product"),
    ("proj", "project"),
    ("pwd", "password"),
    ("rcpt", "receipt"),
    ("rec", "record"),
    ("req", "request"),
    ("rev", "revenue"),
    ("rgn", "region"),
    ("sched", "schedule"),
    ("sls", "sales"),
    ("spl", "supplier"),
    ("sts", "status"),
    ("subj", "subject"),
    ("supp", "supplier"),
    ("tm", "time"),
    ("tran", "transaction"),
    ("trans", "transaction"),
    ("trx", "transaction"),
    ("uom", "unit of measure"),
    ("upd", "updated"),
    ("usr", "user"),
    ("veh", "vehicle"),
    ("whse", "warehouse"),
    ("zip", "zip code"),
];

/// Short words that are no abbreviations.
pub(super) const SHORT: &str = "\
able acid acre act ad age ago aid aim air alb all am an and ant any api app area arm army art as asia ask at atm aunt auto away axis baby back bad bag \
ball band bank bar base bath bed beer belt best bid big bike bill bio bird bit blog blue boat body bond book boot born boss both bowl box boy bride bug \
bulk bus buy by cab cafe cage cake call camp can cap car card care cart case cash cast cat cell cent chat chef chip city clay club coal coat code coin \
cold cook cool copy core corn cost cow crew crop crow cup cut daily dam data date day days dead deal dean dear debt deck deep deer desk dish disk dna dock \
dog done door down draw drop drug dry due dust duty ear east easy edge egg else end epic era esrb euro exam exit eye face fact fail fair fall fame fan far \
farm fast fat fear fee feet fifa film fine fire firm fish fit five flag flat flow fly fog food foot for fork form four free from fuel full fund gain game \
gap gas gate gear gene ghz gift girl give goal gold golf good gpa gps grid grow gulf gun guy hair half hall hand hard hash head heat help hero hide high hill \
hint hire hit hold hole home hope host hot hour hub hue hull hunt ice icon id idea if in inch info ink inn int into ip iron is isbn isbn iso item jazz \
job join joke json jump june july jury just keep key kick kid kill kind king knee knot lab lack lady lake lamp land lane last late lawn law lead leaf league left \
leg less life lift like limb line link lion list live load loan lock log logo lone long look loss lost lot loud love low luck mac mail main make male mall \
man many map mark mask mass mate math may me meal mean meat meet mega men menu mgr mhz mice mile milk mill mind mine mint miss mix mode mood moon more most move \
much name navy near neck need nest net new news next nice nick night nine node none norm nose not note now nurse oak odd of off oil old on once one only open \
or oral out oven over own pace pack page paid pain pair pan park part pass past path pay peak peer pen per pet pick pie pier pig pile pin pink pipe plan play \
plot plus poem poet pole poll pool poor pop port post pot prev pro pub pull pump pure push quiz race rack rail rain ramp rank rate raw read real rear red rent \
rest rice rich ride ring rise risk road robe rock role roll roof room root rope rose row rule run rush safe sail sale salt same sand save say scan sea seal seat \
see seed seek self sell send sent set sex ship shoe shop shot show shut sick side sign silk site size skin skip sky slot slow snow so soap sock soft soil sold \
sole solo some son song soon sort soul soup spa span spin spot ssn star stay stem step stop sub suit sum sun sure swim tag tail take tale talk tall tank tape \
task tax taxi tea team tech ten tent term test text than that the then thin this tier tile till time tiny tip tire to toe tone too tool top tour town toy trap \
tray tree trip true tube turn tv twin two type ugly undo unit up upc upon url use used user uuid van vast vat vehicle verb very via vice view vin vine visa vote \
wage wait walk wall want war warm was wash wave way weak wear web week well went west wet what when who why wide wife wild will win wind wine wing wins wire \
wise wish with wolf won wood word work yard yarn yeah year yes yet you zero zip zone zoo";

/// Business words that an abbreviation may stand for though the schema writes them nowhere.
pub(super) const COMMON: &str = "\
account address agency airport amount appointment article assignment attendance author average balance booking branch budget building campaign category \
channel client comment company competition contact contract country course currency customer delivery department deposit description destination discount \
district document duration employee enrollment event exchange expense experience external facility feature female first flight gender group header height \
history hospital hotel inventory invoice journal language last latitude length level license location longitude maintenance manager manufacturer market \
membership message middle minimum maximum mobile month name nationality number office opening order organization owner parent password patient payment \
percent percentage performance period person phone physician player points policy population position postal price priority problem product professor profile \
program project property province publication publisher purchase quality quantity quarter rating reason receipt reference region registration release report \
representative request reservation residence result revenue review salary schedule school score season section sender sequence service shipment shipping \
source staff standard start state statement station status stock store street student subject supplier supervisor support system target teacher telephone \
temperature title total track transaction transfer transport treatment value vehicle vendor version volume warehouse website weight width window working year";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(TABLE_PREFIXES.is_sorted() && COLUMN_PREFIXES.is_sorted() && MORE.is_sorted_by(|a, b| a.0 < b.0));
    }
}
