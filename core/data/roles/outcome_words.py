"""Words in names and values of outcomes, by whether people hope for what they say.

English with the abbreviations of statistics packages, then German, French, Spanish, Portuguese and
Chinese, without accents. A word is compared by its beginning where it ends in "…".
"""

from __future__ import annotations

from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNWELCOME = _words(
    "deny denied denial… refus… reject… declin… default… delinq… overdr… bankrupt… foreclos… "
    "evict… arrears unpaid chargeoff chargedoff bad badloan nonpayment insolv… writeoff die died "
    "dies dead death deaths deceased decease fatal… mortal… killed suicid… hospmort arrest… "
    "rearrest… convict… recid… reoffend… reconvict… guilty incarcerat… jail jailed imprison… "
    "detain… detention citation… cited fine fined sentenced penalty punish… deport… frisk… "
    "searched fraud… churn… attrit… quit dropout drop dropped fail failed failure failing relaps… "
    "recur… reccur… readmi… rehospital… infect… disease… diabet… cancer… tumor… tumour… malign… "
    "stroke… illness sick injur… complicat… toxicity adverse sepsis pneumon… hypertens… "
    "heartdisease chd cvd myocard… asthma depress… obes… overweight lowbirth… lbw premature "
    "preterm stillb… miscarr… layoff… fired dismiss… terminat… unemploy… jobless poverty poor "
    "suspend… expel… evasion abuse violen… crash… accident… smoke… smoking malnour… stunted "
    "wasted anemia anaemia bleed… addict… affair cheat… missed noshow late lost loss victim… spam "
    "dissatisf… homeless… abgelehnt ablehnung ausfall zahlungsausfall gestorben verstorben tod "
    "tot rueckfall ruckfall gekundigt kuendigung kundigung betrug krank krankheit durchgefallen "
    "verhaftet defaut impaye deces decede refus… rejet… echec fraude resilia… recidive malad… "
    "impago moroso mora incumpl… rechaz… denegad… fallec… muerte muerto muerta reincid… abandono "
    "enferm… reprobado inadimpl… negado recusad… rejeitad… obito morte morreu evasao doenca "
    "reprovad… cancelad… 违约 逾期 拒绝 死亡 欺诈 流失 复发 失败 患病 不合格"
)

RISKS = _words(
    "infect… disease… diabet… cancer… tumor… tumour… stroke… illness sick hypertens… heartdisease "
    "chd cvd asthma depress… obes… overweight smoke… smoking poverty poor bleed… anemia anaemia "
    "injur… complicat… addict… abuse maladie krank krankheit enferm… malad… doenca"
)
"""Unwelcome words that are said of what people bring along as often as of what became of them."""

WELCOME = _words(
    "approv… accept… grant granted hire hired hiring callback callbacks call called interview… "
    "invit… shortlist… offer offered award… survive… surviv… alive pass passed passing "
    "success… succe… graduat… grad promot… paid repaid repay… payback creditworth… solvent employ "
    "employed employment reemploy… insured insurance coverage released release parole… bail bailed "
    "improve… improvement recover… cure cured remiss… responder respon… eligible eligib… qualif… "
    "win won winner immun… vaccin… tenure… select selected card creditcard scholar… enrolled "
    "enroled matricul… homeown… receiv… benefit… funded goodloan "
    "good healthy fulltime lfp inlf laborforce particip… partic working work worked "
    "genehm… bewilligt angenommen eingestellt bestanden kreditwurdig uberlebt erfolg gewahrt "
    "accord… approuve… embauch… admis recu reussi… survecu gueri "
    "aprob… conced… contratad… admitid… exito superviv… pagado aceptad… "
    "aprovad… concedid… sucesso sobreviv… pago aceito admitido "
    "批准 通过 录用 录取 存活 生存 成功 合格 还款"
)

NEUTRAL = _words(
    "target label outcome… class y result… response resp decision… decid… verdict status stat "
    "event endpoint cens censor… cnsr fustat futstat delta vote voted voting buy bought purchas… "
    "subscri… click… conver… volunteer… takeup choice choose chosen enroll… enrol register… "
    "switch… use used uses using usage admit… retained retention stay stayed left leave leaver "
    "married_never high income50k salary50k diagnos… dx test positive sold purchase support "
    "contracept… transplant… complete… ziel zielvariable ergebnis klasse entscheidung gekauft "
    "cible resultat classe decision etiquette achat objetivo resultado clase decision etiqueta "
    "compra alvo resultado classe decisao rotulo comprou 目标 标签 结果 类别 决定 决策 购买"
)
"""Words of outcomes that say nothing about whether people hope for them."""

PLAIN = _words(
    "target label outcome… class y result… response decision… verdict status event ziel "
    "zielvariable ergebnis cible resultat objetivo resultado alvo rotulo 目标 标签 结果"
)
"""Those that are said of outcomes before anything else."""

GOOD_VALUES = _words(
    "good approved approve accepted accept granted hired admitted pass passed alive live "
    "living survived survive success successful paid repaid fullypaid employed improved healthy "
    "well cured recovered released awarded selected won win normal satisfied eligible insured "
    "nodefault current graduate graduated promoted nonrecid benign "
    "gut genehmigt angenommen bestanden eingestellt lebend bon accorde accepte admis recu "
    "vivant bueno aprobado aceptado concedido vivo bom aprovado aceito admitido "
    "好 批准 通过 合格 录用 存活"
)
BAD_VALUES = _words(
    "bad denied deny rejected reject refused declined dead died die deceased fail failed failure "
    "default defaulted chargedoff unpaid unemployed relapse relapsed malignant sick ill diseased "
    "recid guilty convicted arrested jailed expelled fraud fraudulent churn churned spam "
    "preterm premature homeless uninsured dropout "
    "schlecht abgelehnt gestorben tot durchgefallen mauvais refuse rejete decede mort malo "
    "rechazado denegado reprobado muerto moroso mau ruim recusado rejeitado reprovado negado morto "
    "坏 拒绝 死亡 违约 不合格"
)
YES_VALUES = _words("yes y true t 1 ja j oui o si s sim verdadero vrai wahr 是 有 真")
NO_VALUES = _words("no n false f 0 nein non nao falso faux falsch 2 1 否 无 假")

NEGATIONS = _words(
    "no not non never without un kein keine nicht pas sans sin sem nao nunca 未 不 无 非"
)

TREATMENTS = _words(
    "treat… treatment trt trta arm rx group grp control… condition cond drug placebo assign… "
    "random… intervention exposure exposed program programme training trained dose regimen site "
    "center centre study sample split fold train partition set ban law reform policy cohort gruppe "
    "groupe grupo 分组 治疗"
)
"""What was done to people rather than what became of them."""

CIRCUMSTANCES = _words(
    "south north… east west… urban rural city smsa region… area state county metro central "
    "prior… previous prev past hist… history baseline base pre before initial early "
    "college… hcollege school… hschool highschool degree… educ… university "
    "owner… own owns home… house… car phone telephone email internet military honors computer "
    "family kids child children youngkids dependents dep parents mom dad mother father partner "
    "self… selfemp self union public private student weekend winter summer "
    "type kind category grade level quality size has have is type… surg… "
    "chemo hormon… node… perfor obstruct adhere lines term purpose "
    "schule stadt ville ciudad cidade escola escuela 学校 城市 地区"
)
"""What people bring along rather than what became of them."""

STATUSES = _words("status stat event cens censor… cnsr delta fustat death… dead died rel… recur…")
"""What a column of times is told beside."""

TIMES = _words(
    "time futime futtime survtime rfstime dtime rtime ptime duration durat dur stime followup "
    "follow days weeks months tstart tstop start stop ttr os rfs dfs pfs week ldurat"
)
"""Columns of the time until something happened, beside which a status is an outcome."""


def holds(words: Iterable[str], known: frozenset[str]) -> str | None:
    """Return the first of the words that is known, or begins or holds as a known one does.

    Examples
    --------
    >>> holds(["loan", "defaulted"], frozenset({"default…"}))
    'defaulted'
    """
    exact = {item for item in known if not item.endswith("…")}
    stems = tuple(item[:-1] for item in known if item.endswith("…"))
    chinese = tuple(item for item in known if item[0] > "z")
    for word in words:
        if word in exact or word.startswith(stems) or any(item in word for item in chinese):
            return word
    return None
