"""Grounds on which unequal treatment is regulated, and how columns about them are called and coded.

Words of English with the abbreviations of statistics packages, then German, French, Spanish,
Portuguese and Chinese. Accents are left away, as :func:`core.data.split_words.split_words` does.
The grounds are those of the EU's Charter, Article 21, and of US credit and employment law.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ground:
    """How a ground is recognised.

    Attributes
    ----------
    name : str
        As people are told it.
    words : frozenset of str
        Words in a name that stand for the ground, also with letters before or after them that say
        whose it is or how it is coded ("momage", "racegrp").
    stems : tuple of str
        Beginnings of words in a name ("ethnic"), and Chinese words.
    alone : frozenset of str
        Words that stand for it where they are the whole name of a column of a few values.
    one_group : frozenset of str
        Words of one group, in the name of a column of two values ("female", "afam").
    values : frozenset of str
        Values that are said of people.
    many : bool
        Whether a column of many different numbers may be about the ground, as ages are.
    """

    name: str
    words: frozenset[str]
    stems: tuple[str, ...] = ()
    alone: frozenset[str] = frozenset()
    one_group: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    many: bool = False


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _values(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(","))


GROUNDS = (
    Ground(
        "sex",
        words=_split("sex gender gend geschlecht sexe sexo genero"),
        stems=("geschlecht", "性别", "性別"),
        alone=_split("genre sx gen fem"),
        one_group=_split(
            "female male woman women fem females girl boy weiblich mannlich maennlich frau femme "
            "homme mujer hombre varon mulher homem feminino masculino 女性 男性"
        ),
        values=_values(
            "male, female, man, woman, men, women, boy, girl, males, females, mannlich, maennlich, "
            "weiblich, mann, frau, divers, homme, femme, masculin, feminin, hombre, mujer, varon, "
            "masculino, femenino, homem, mulher, feminino, 男, 女, 男性, 女性, nonbinary"
        ),
    ),
    Ground(
        "age",
        words=_split(
            "age ages aged alter edad idade agegroup agegrp agegr agecat agecl agebin ageband "
            "agerange birthyear birthyr byear yob geburtsjahr altersgruppe dob birthdate"
        ),
        stems=("altersgrupp", "altersklass", "geburtsjahr", "年龄", "年齡", "岁"),
        one_group=_split("senior seniors elderly older aged"),
        values=_values(
            "elderly, senior, seniors, middle aged, young adult, jung, alt, jeune, vieux"
        ),
        many=True,
    ),
    Ground(
        "race or ethnic origin",
        words=_split(
            "race raceth racethn ethnicity ethn eth raza raca rasse etnia ethnie colour color "
            "hautfarbe"
        ),
        stems=("ethnic", "racial", "hispan", "ethni", "etnic", "hautfarb", "种族", "種族", "民族"),
        alone=_split("skin minrty nonwht caste tribe"),
        one_group=_split(
            "black white asian hispanic hispan hisp latino latina latinx afam afroam cauc "
            "caucasian nonwhite nwhite nonwh nonblack minority blck blk wht indigenous indig "
            "aboriginal amerindian native roma gypsy mulatto mexican chinese japanese korean "
            "filipino blacks whites coloured colored schwarz weiss noir negro negra branco preto "
            "pardo indigena"
        ),
        values=_values(
            "white, black, asian, hispanic, latino, latina, african american, caucasian, cauc, "
            "afam, native american, american indian, pacific islander, mixed race, black or "
            "african american, hispanic or latino, not hispanic or latino, non hispanic, "
            "nonhispanic, nonwhite, non white, not white, minority, mulatto, south asian, east "
            "asian, black british, white british, arab, roma, amerindian, hawaiian, eskimo, amer "
            "indian eskimo, asian pac islander, branco, branca, preto, preta, pardo, parda, "
            "amarelo, indigena, mestizo, blanco, 汉族, 汉, 维吾尔族, 藏族"
        ),
    ),
    Ground(
        "nationality or migration",
        words=_split(
            "citizen citizenship citiz ctzn nationality nativity immigrant migrant foreigner "
            "birthplace birthcountry countryofbirth bornabroad geburtsland paisdenacimiento "
            "herkunft herkunftsland migrationshintergrund"
        ),
        stems=(
            "citizen",
            "nationalit",
            "immigr",
            "auslander",
            "auslaend",
            "staatsang",
            "staatsburger",
            "staatsbuerger",
            "nacionalid",
            "naturalidad",
            "naturalidade",
            "estrang",
            "extranj",
            "etrang",
            "migrant",
            "migrat",
            "国籍",
            "國籍",
            "籍贯",
        ),
        alone=_split("foreign nativeborn nation bpl"),
        one_group=_split("foreign noncitizen nativeborn usborn immigrant migrant refugee"),
        values=_values(
            "citizen, non citizen, noncitizen, foreigner, immigrant, native born, foreign born, "
            "auslander, etranger, extranjero, estrangeiro"
        ),
    ),
    Ground(
        "religion",
        words=_split("religion relig religiosity faith denomination konfession religiao"),
        stems=("religi", "konfession", "glaube", "宗教"),
        one_group=_split("muslim catholic protestant jewish christian hindu buddhist sikh atheist"),
        values=_values(
            "catholic, protestant, muslim, jewish, christian, hindu, buddhist, sikh, orthodox, "
            "islam, atheist, no religion, katholisch, evangelisch, muslimisch, judisch, "
            "catholique, musulman, juif, catolica, catolico, musulmana, evangelica, judio, "
            "muculmano"
        ),
    ),
    Ground(
        "marital status",
        words=_split(
            "marital married maried marstat maritl marst marstatus mstatus mstat marriage "
            "estadocivil etatcivil civilstatus"
        ),
        stems=(
            "marit",
            "familienstand",
            "civilstatus",
            "verheirat",
            "matrimon",
            "casad",
            "婚姻",
            "婚",
        ),
        alone=_split("mar marr single partner spouse marry msp civil etatcivil unmarried"),
        one_group=_split(
            "married maried marr unmarried divorced widowed widow nevermarried ledig verheiratet "
            "geschieden celibataire marie divorce soltero casado solteiro evermarried evermarr"
        ),
        values=_values(
            "married, single, divorced, widowed, widow, widower, separated, never married, "
            "nevermarried, unmarried, not married, cohabiting, married civ spouse, married spouse "
            "absent, married af spouse, living together, domestic partner, ledig, verheiratet, "
            "geschieden, verwitwet, marie, celibataire, veuf, veuve, soltero, soltera, casado, "
            "casada, divorciado, divorciada, viudo, viuda, solteiro, solteira, viuvo, viuva, 已婚, "
            "未婚, 离异, 丧偶"
        ),
    ),
    Ground(
        "disability",
        words=_split("disabled disability handicap handicapped disab impairment behindert"),
        stems=(
            "disab",
            "handicap",
            "behinder",
            "schwerbehind",
            "discapac",
            "deficien",
            "minusval",
            "残疾",
            "殘疾",
        ),
        one_group=_split("disabled handicapped blind deaf wheelchair"),
    ),
    Ground(
        "sexual orientation",
        words=_split("orientation lgbt lgbtq lgb sexuality homosexual"),
        stems=("sexualorient", "性取向"),
        one_group=_split("gay lesbian bisexual heterosexual straight homosexual transgender queer"),
        values=_values("heterosexual, homosexual, gay, lesbian, bisexual, straight, queer"),
    ),
    Ground(
        "pregnancy",
        words=_split("pregnant pregnancy schwanger enceinte embarazada gravida"),
        stems=("pregnan", "schwanger", "embaraz", "怀孕"),
    ),
    Ground("military service", words=_split("veteran veterans")),
)
"""The first that fits is told."""

WHOSE = _split(
    "n non is m f h mom mother mum dad father par parent wife husband hus husb spouse child "
    "kid baby client cust customer app appl applicant borr borrower pat patient subj person pers "
    "resp respondent emp employee worker student pupil driver offender defendant victim owner head "
    "ref base bl pre self own at cur current lead leg"
)
"""Letters before a word that say whose it is, in names written together."""

CODED = _split(
    "s d r n f c m h w cd cat cats categ grp grps group groups gr g cl class code coded num bin "
    "binary band range yr yrs year years yr mom dad mother father wife husb husband child at i v "
    "id dummy ind flag x q p entry dx desc eth ethn"
)
"""Letters after a word that say how it is coded, or whose it is."""

MEASURES = _split(
    "pct percent percentage perc prop proportion share rate ratio pop population count total sum "
    "mean median avg average index income wage wages salary earnings earn unemp medianhh per prob "
    "score risk offense offence crime ratio density dist distance sq squared log gap"
)
"""Beside these words a name tells of an area or of an amount, not of a person's group."""

NOT_OF_PEOPLE = _split(
    "car vehicle veh house home building bldg account acct loan policy company firm business "
    "property machine credit product device tree wine animal file record job debt oldest newest "
    "hair eye eyes wall rbc storage stone rock"
)
"""Beside these words an age or a colour is that of a thing."""

COLOURS_OF_THINGS = _split("red blue green yellow orange purple pink silver gold grey gray beige")
