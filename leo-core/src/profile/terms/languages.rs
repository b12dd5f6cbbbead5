//! Business words of other languages.

/// A language that names of a schema may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    German,
    French,
    Spanish,
}

pub(super) const LANGUAGES: [Language; 3] = [Language::German, Language::French, Language::Spanish];

impl Language {
    /// Words and what they mean in English; sorted.
    fn words(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::German => GERMAN,
            Self::French => FRENCH,
            Self::Spanish => SPANISH,
        }
    }

    /// What `word` means. Words that could as well be English, or are short, count only where the schema `speaks` the language.
    pub(super) fn meaning(self, word: &str, speaks: bool) -> Option<&'static str> {
        let find = |word: &str| {
            let at = self.words().binary_search_by(|(own, _)| (*own).cmp(word)).ok()?;
            self.words().get(at).map(|(own, meaning)| (*own, *meaning))
        };
        let plural = || match self {
            Self::German => word.strip_suffix("en").and_then(find),
            _ => word.strip_suffix("es").and_then(find).or_else(|| word.strip_suffix('s').and_then(find)),
        };
        let (own, meaning) = find(word).or_else(plural)?;
        let certain = own.chars().count() >= 4 && DOUBTFUL.binary_search(&own).is_err();
        (certain || speaks).then_some(meaning)
    }

    /// Whether what a name is about comes after what it is: `fecha_pedido` is the date of an order.
    pub(super) fn head_first(self) -> bool {
        self != Self::German
    }
}

/// A German word made of others, one after the other: `kundennr`, `rechnungsdatum`.
pub(super) fn compound(word: &str) -> Option<Vec<&'static str>> {
    parts(word, 3)
}

fn parts(word: &str, depth: usize) -> Option<Vec<&'static str>> {
    let meaning = |part: &str| {
        let at = GERMAN.binary_search_by(|(own, _)| (*own).cmp(part)).ok()?;
        GERMAN.get(at).map(|(_, meaning)| *meaning)
    };
    if depth == 0 {
        return None;
    }
    let places = word.char_indices().map(|(at, _)| at).filter(|at| *at >= 3);
    let heads = places.chain([word.len()]).collect::<Vec<_>>();
    for at in heads.into_iter().rev() {
        let (head, rest) = word.split_at_checked(at)?;
        let Some(first) = meaning(head) else { continue };
        if rest.is_empty() {
            return Some(vec![first]);
        }
        for joint in ["", "s", "n", "en", "es", "e"] {
            if let Some(tail) = rest.strip_prefix(joint).filter(|tail| tail.len() >= 2)
                && let Some(tail) = parts(tail, depth - 1)
            {
                return Some(std::iter::once(first).chain(tail).collect());
            }
        }
    }
    None
}

/// Words that are, or look like, words of English or of computers; sorted.
const DOUBTFUL: &[&str] = &[
    "artikel", "bank", "bestand", "compte", "ende", "entrega", "estado", "lager", "land", "mois", "pago", "pais", "pays", "peso",
    "prix", "remise", "stock", "total", "unite",
];

/// Particles of French and Spanish names.
pub(super) const PARTICLES: &[&str] = &["d", "de", "del", "des", "du", "el", "l", "la", "le", "les", "los"];

const GERMAN: &[(&str, &str)] = &[
    ("ab", "from"),
    ("abteilung", "department"),
    ("adresse", "address"),
    ("anrede", "salutation"),
    ("ansprechpartner", "contact"),
    ("anzahl", "count"),
    ("art", "type"),
    ("artikel", "article"),
    ("auftrag", "order"),
    ("bank", "bank"),
    ("beginn", "start"),
    ("bemerkung", "note"),
    ("benutzer", "user"),
    ("beschreibung", "description"),
    ("bestand", "stock"),
    ("bestell", "order"),
    ("bestellung", "order"),
    ("betrag", "amount"),
    ("bezeichnung", "description"),
    ("bis", "until"),
    ("brutto", "gross"),
    ("buchung", "booking"),
    ("datum", "date"),
    ("einheit", "unit"),
    ("einkauf", "purchase"),
    ("ende", "end"),
    ("erstellt", "created"),
    ("filiale", "branch"),
    ("firma", "company"),
    ("geburt", "birth"),
    ("gehalt", "salary"),
    ("gesamt", "total"),
    ("gewicht", "weight"),
    ("groesse", "size"),
    ("gruppe", "group"),
    ("größe", "size"),
    ("gueltig", "valid"),
    ("gültig", "valid"),
    ("hersteller", "manufacturer"),
    ("jahr", "year"),
    ("kategorie", "category"),
    ("kd", "customer"),
    ("konto", "account"),
    ("kosten", "cost"),
    ("kunde", "customer"),
    ("kunden", "customer"),
    ("lager", "warehouse"),
    ("land", "country"),
    ("liefer", "delivery"),
    ("lieferant", "supplier"),
    ("lieferung", "delivery"),
    ("menge", "quantity"),
    ("mitarbeiter", "employee"),
    ("monat", "month"),
    ("mwst", "vat"),
    ("nachname", "last name"),
    ("name", "name"),
    ("netto", "net"),
    ("nr", "number"),
    ("nummer", "number"),
    ("ort", "city"),
    ("plz", "postal code"),
    ("preis", "price"),
    ("produkt", "product"),
    ("projekt", "project"),
    ("rabatt", "discount"),
    ("rechnung", "invoice"),
    ("schluessel", "key"),
    ("schlüssel", "key"),
    ("stadt", "city"),
    ("standort", "location"),
    ("status", "status"),
    ("steuer", "tax"),
    ("strasse", "street"),
    ("straße", "street"),
    ("stueck", "piece"),
    ("stück", "piece"),
    ("summe", "sum"),
    ("tag", "day"),
    ("telefon", "phone"),
    ("typ", "type"),
    ("umsatz", "revenue"),
    ("verkauf", "sale"),
    ("versand", "shipping"),
    ("vertrag", "contract"),
    ("von", "from"),
    ("vorname", "first name"),
    ("waehrung", "currency"),
    ("ware", "goods"),
    ("woche", "week"),
    ("währung", "currency"),
    ("zahlung", "payment"),
    ("zeit", "time"),
];

const FRENCH: &[(&str, &str)] = &[
    ("achat", "purchase"),
    ("adresse", "address"),
    ("annee", "year"),
    ("année", "year"),
    ("categorie", "category"),
    ("catégorie", "category"),
    ("chiffre", "figure"),
    ("commande", "order"),
    ("compte", "account"),
    ("debut", "start"),
    ("devise", "currency"),
    ("début", "start"),
    ("employe", "employee"),
    ("employé", "employee"),
    ("entrepot", "warehouse"),
    ("entrepôt", "warehouse"),
    ("facture", "invoice"),
    ("fin", "end"),
    ("fournisseur", "supplier"),
    ("heure", "hour"),
    ("jour", "day"),
    ("libelle", "label"),
    ("libellé", "label"),
    ("livraison", "delivery"),
    ("magasin", "store"),
    ("mois", "month"),
    ("montant", "amount"),
    ("naissance", "birth"),
    ("nom", "name"),
    ("numero", "number"),
    ("numéro", "number"),
    ("paiement", "payment"),
    ("pays", "country"),
    ("poids", "weight"),
    ("prenom", "first name"),
    ("prix", "price"),
    ("produit", "product"),
    ("prénom", "first name"),
    ("quantite", "quantity"),
    ("quantité", "quantity"),
    ("remise", "discount"),
    ("rue", "street"),
    ("salaire", "salary"),
    ("societe", "company"),
    ("société", "company"),
    ("tva", "vat"),
    ("unite", "unit"),
    ("unité", "unit"),
    ("utilisateur", "user"),
    ("vendeur", "seller"),
    ("vente", "sale"),
    ("ville", "city"),
];

const SPANISH: &[(&str, &str)] = &[
    ("almacen", "warehouse"),
    ("almacén", "warehouse"),
    ("ano", "year"),
    ("apellido", "last name"),
    ("año", "year"),
    ("calle", "street"),
    ("cantidad", "quantity"),
    ("categoria", "category"),
    ("categoría", "category"),
    ("ciudad", "city"),
    ("cliente", "customer"),
    ("codigo", "code"),
    ("compra", "purchase"),
    ("correo", "email"),
    ("cuenta", "account"),
    ("código", "code"),
    ("descripcion", "description"),
    ("descripción", "description"),
    ("descuento", "discount"),
    ("dia", "day"),
    ("direccion", "address"),
    ("dirección", "address"),
    ("empleado", "employee"),
    ("empresa", "company"),
    ("entrega", "delivery"),
    ("estado", "status"),
    ("factura", "invoice"),
    ("fecha", "date"),
    ("fin", "end"),
    ("hora", "hour"),
    ("importe", "amount"),
    ("impuesto", "tax"),
    ("inicio", "start"),
    ("iva", "vat"),
    ("mes", "month"),
    ("moneda", "currency"),
    ("nacimiento", "birth"),
    ("nombre", "name"),
    ("numero", "number"),
    ("número", "number"),
    ("pago", "payment"),
    ("pais", "country"),
    ("país", "country"),
    ("pedido", "order"),
    ("peso", "weight"),
    ("precio", "price"),
    ("producto", "product"),
    ("proveedor", "supplier"),
    ("salario", "salary"),
    ("telefono", "phone"),
    ("teléfono", "phone"),
    ("tienda", "store"),
    ("unidad", "unit"),
    ("usuario", "user"),
    ("venta", "sale"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(LANGUAGES.iter().all(|language| language.words().is_sorted_by(|a, b| a.0 < b.0)));
        assert!(DOUBTFUL.is_sorted() && PARTICLES.is_sorted());
    }

    #[test]
    fn german_compounds_come_apart() {
        assert_eq!(compound("kundennr"), Some(vec!["customer", "number"]));
        assert_eq!(compound("rechnungsdatum"), Some(vec!["invoice", "date"]));
        assert_eq!(compound("bestellpositionen"), None);
        assert_eq!(compound("ä"), None);
    }

    #[test]
    fn short_words_count_only_where_the_language_is_spoken() {
        assert_eq!(Language::German.meaning("art", false), None);
        assert_eq!(Language::German.meaning("art", true), Some("type"));
        assert_eq!(Language::Spanish.meaning("clientes", false), Some("customer"));
    }
}
