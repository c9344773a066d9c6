//! The four small code systems that no-basis 2.2 defines itself, in the form of the big table.
//! The codes are facts of the profile (`hl7.fhir.no.basis`); displays are ours.

/// Lines as in `terminology.tsv`.
pub(super) const TABLE: &str = "\
system\thttp://hl7.no/fhir/CodeSystem/no-basis-marital-status\t2.2.0\tSivilstand\tcomplete\t
0\tuoppgitt\tUoppgitt
0\tugift\tUgift
0\tgift\tGift
0\tenkeEllerEnkemann\tEnke eller enkemann
0\tskilt\tSkilt
0\tseparert\tSeparert
0\tregistrertPartner\tRegistrert partner
0\tseparertPartner\tSeparert partner
0\tskiltPartner\tSkilt partner
0\tgjenlevende_partner\tGjenlevende partner
system\thttp://hl7.no/fhir/CodeSystem/no-basis-family-relation\t2.2.0\tFamilierelasjon\tcomplete\t
0\tmor\tMor
0\tfar\tFar
0\tmedmor\tMedmor
0\tbarn\tBarn
0\tsøsken\tSøsken
0\tektefelleEllerPartner\tEktefelle eller partner
0\tdødfødtBarn\tDødfødt barn
system\thttp://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility\t2.2.0\tForeldreansvar\tcomplete\t
0\tfelles\tFelles
0\tmor\tMor
0\tfar\tFar
0\tmedmor\tMedmor
0\tandre\tAndre
0\tukjent\tUkjent
system\thttp://hl7.no/fhir/CodeSystem/no-basis-connection-type\t2.2.0\tOppkoplingstype\tcomplete\t
0\tno-ebxml-2\tebXML 2
0\tno-amqp\tAMQP
set\thttp://hl7.no/fhir/ValueSet/no-basis-marital-status\t2.2.0\tSivilstand\t
in\thttp://hl7.no/fhir/CodeSystem/no-basis-marital-status\t*
set\thttp://hl7.no/fhir/ValueSet/no-basis-family-relation\t2.2.0\tFamilierelasjon\t
in\thttp://hl7.no/fhir/CodeSystem/no-basis-family-relation\t*
set\thttp://hl7.no/fhir/ValueSet/no-basis-parental-responsibility\t2.2.0\tForeldreansvar\t
in\thttp://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility\t*
";
