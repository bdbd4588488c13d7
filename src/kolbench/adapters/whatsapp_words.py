"""What WhatsApp itself writes into an export, in the languages it writes it in: all as patterns.

They are matched without direction marks, with plain spaces and straight apostrophes, and without a last full stop.
"""

from __future__ import annotations

import re

BEFORE_NOON = "am 上午 凌晨 早上 清晨 午夜 午前 오전 ص ق.ظ de. de de öö fm dop. vorm. पूर्वाह्न sa pg पूर्व म.पू. πμ рано"
AFTER_NOON = "pm 下午 晚上 中午 午後 오후 م ب.ظ du. du ös em odp. nachm. अपराह्न ch ptg म.उ. μμ"
"""Words for the halves of a day beside a time; those with dots and spaces between their letters count too."""

_YOU = r"(?:you|du|dich|ihr|te|tú|você|vous|您|你)"
_WHO = r"(.{1,600}?)"
_BY = r".{1,120}?"


def _patterns(*texts: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{text})" for text in texts), re.IGNORECASE | re.DOTALL)


def _each(*texts: str) -> tuple[re.Pattern[str], ...]:
    filled = (text.replace("WHO", _WHO).replace("YOU", _YOU).replace("BY", _BY) for text in texts)
    return tuple(re.compile(text, re.IGNORECASE) for text in filled)


# What a pattern captures is who it is about; one that captures nothing speaks of whoever made the export, and
# comes before the ones that it would fit too.
JOINED = _each(
    r"you (?:joined|were added)(?: .*)?|BY added you(?: .*)?",
    r"du (?:bist|wurdest) .*(?:beigetreten|hinzugefügt)|BY hat dich (?:.* )?hinzugefügt",
    r"te (?:uniste|añadieron|has unido)(?: .*)?|(?:BY|se) te (?:añadió|agregó|ha añadido)(?: .*)?",
    r"você (?:entrou|foi adicionad[oa](?:\(a\))?)(?: .*)?|BY (?:adicionou você|te adicionou)",
    r"vous avez (?:rejoint|été ajouté).*|BY vous a ajouté(?:\(e\)|e)?(?: .*)?",
    r"[你您] ?(?:已|通过|透過|使用)?.*(?:加入).*|BY ?(?:已)?(?:添加|新增|加入)了? ?[你您](?:加入.*)?",
    r"WHO joined(?: (?:using|via|from|this|the) .*)?",
    r"WHO (?:was|were) added(?: .*)?|BY added WHO",
    r"WHO (?:ist|sind) (?:.* )?beigetreten",
    r"WHO (?:wurde|wurden) (?:.* )?hinzugefügt",
    r"(?:BY hat|du hast) WHO hinzugefügt",
    r"WHO se (?:unió|ha unido)(?: .*)?",
    r"(?:BY|se) (?:añadió|agregó|ha añadido) a WHO|(?:añadiste|agregaste|has añadido) a WHO",
    r"WHO entrou(?: (?:usando|com|através|no|neste|pelo|a partir) .*)?",
    r"WHO foi adicionad[oa](?:\(a\))?|BY adicionou WHO",
    r"WHO a rejoint (?:le|ce|la|en|via|à) .*",
    r"WHO a été ajouté(?:\(e\)|e)?|(?:BY a|vous avez) ajouté WHO",
    r"WHO ?(?:已)?(?:通过|使用|透過|經由|经由|從|从).*(?:加入).*",
    r"BY ?(?:已)?(?:将|將|把) ?WHO ?(?:加入|添加|新增).*",
    r"WHO ?(?:已)?加入了?(?:此|本|该|這個|这个)?(?:群组|群組|群聊|群|社区|社群)?",
    r"BY ?(?:已)?(?:添加|新增)了? ?WHO",
)
LEFT = _each(
    r"you (?:left|were removed)(?: .*)?|BY removed you(?: .*)?",
    r"du hast die gruppe verlassen|du wurdest (?:.* )?entfernt|BY hat dich (?:.* )?entfernt",
    r"saliste(?: del grupo)?|has salido(?: del grupo)?|BY te (?:eliminó|ha eliminado|sacó)(?: .*)?",
    r"você (?:saiu|foi removid[oa](?:\(a\))?)(?: .*)?|BY (?:removeu você|te removeu)",
    r"vous (?:avez quitté|êtes parti|avez été (?:retiré|supprimé)).*|BY vous a (?:retiré|supprimé|exclu).*",
    r"[你您] ?(?:已)?(?:离开|離開|退出).*|BY ?(?:已)?(?:将|將|把)?(?:移除|移出|踢出)?了? ?[你您](?:移除|移出|踢出)?.*",
    r"WHO left(?: (?:the|this) (?:group|community))?",
    r"WHO (?:was|were) removed(?: .*)?|BY removed WHO",
    r"WHO (?:hat|haben) die gruppe verlassen",
    r"WHO (?:wurde|wurden) (?:.* )?entfernt",
    r"(?:BY hat|du hast) WHO entfernt",
    r"WHO (?:salió|ha salido)(?: del grupo)?",
    r"(?:BY|se) (?:eliminó|ha eliminado|sacó) a WHO|(?:eliminaste|has eliminado) a WHO",
    r"WHO saiu(?: do grupo)?",
    r"WHO foi removid[oa](?:\(a\))?|BY removeu WHO",
    r"WHO (?:a quitté(?: le groupe)?|est parti(?:\(e\)|e)?)",
    r"WHO a été (?:retiré|supprimé|exclu)(?:\(e\)|e)?|(?:BY a|vous avez) (?:retiré|supprimé|exclu) WHO",
    r"WHO ?(?:已)?(?:离开|離開|退出)了?(?:此|本|该|這個|这个)?(?:群组|群組|群聊|群)?",
    r"BY ?(?:已)?(?:将|將|把) ?WHO ?(?:移除|移出|踢出).*",
    r"BY ?(?:已)?(?:移除|移出|踢出)了? ?WHO",
)

NOBODY = _patterns(
    r".*\b(?:group|gruppe|grupo|groupe|community|comunidad|comunidade|communauté|message|nachricht|mensaje|mensagem)\b.*",
    r".*(?:群组|群組|群聊|社群|社区|社區|消息|訊息).*",
)
"""A "name" that is the rest of a sentence: "Ann added this group to the community"."""

AND = re.compile(r"\s*[,、，]\s*(?:and |und |y a |y |e |et |和)?|\s+(?:and|und|y a|y|e|et|和|及)\s+")
"""What stands between the names of several people."""

ENCRYPTED = _patterns(
    r"end-to-end encrypt|Ende-zu-Ende-verschlüsselt|extremo a extremo|ponta a ponta|bout en bout|端[到对對]端加密"
    r"|crittografat. end-to-end|end-to-end versleuteld|сквозным шифрованием|uçtan uca şifre|エンドツーエンド"
    r"|종단간 암호화"
)
"""The notice that a group begins with."""

OWN = _patterns(
    r"\b(?:created (?:this )?group|changed (?:the|this|their|to)|pinned a message|security code|turned (?:on|off)"
    r"|admin|settings|disappearing|invite link|phone number|community|added this group|video call|voice call)\b",
    r"(?:gruppe .*erstellt|geändert|angeheftet|sicherheitsnummer|anruf|selbstlöschende)",
    r"(?:creó|creaste|cambió|cambiaste|fijó|fijaste|código de seguridad|llamada|temporales)",
    r"(?:criou|mudou|alterou|fixou|código de segurança|chamada|temporárias)",
    r"(?:a créé|a changé|a modifié|a épinglé|code de sécurité|appel|éphémères)",
    r"(?:创建|建立|更改|变更|變更|置顶|釘選|安全码|安全碼|通话|通話|限时|限時|管理员|管理員)",
)
"""Words of other notices; on an iPhone only they tell a notice from a kind of file that isn't listed below."""

DELETED = _patterns(
    r"(?:this message was deleted|you deleted this message|message deleted|this message was deleted by admin.*)",
    r"(?:diese nachricht wurde gelöscht|du hast diese nachricht gelöscht)",
    r"(?:se eliminó este mensaje|eliminaste este mensaje|este mensaje fue eliminado)",
    r"(?:mensagem apagada|essa mensagem foi apagada|esta mensagem foi apagada|você apagou (?:esta|essa) mensagem)",
    r"(?:ce message a été supprimé|vous avez supprimé ce message)",
    r"(?:questo messaggio è stato eliminato|hai eliminato questo messaggio|это сообщение удалено)",
    r"(?:[此该這这][则則条條]?(?:消息|訊息|讯息)(?:已|已被|被)(?:删除|刪除)|[你您]已?(?:删除|刪除)了?(?:此|该|這|这)[则則条條]?(?:消息|訊息|讯息))",
)

EDITED = _patterns(
    r"this message was edited|diese nachricht wurde bearbeitet|se editó este mensaje|este mensaje fue editado"
    r"|mensagem editada|esta mensagem foi editada|ce message a été modifié|questo messaggio è stato modificato"
    r"|[此这這][条條则則]?(?:消息|訊息)已?(?:被)?(?:编辑|編輯)|(?:消息|訊息)已(?:编辑|編輯)"
)
"""What stands in angle brackets behind a message that was changed."""

POLL = _patterns(r"(?:poll|umfrage|encuesta|enquete|sondage|投票) ?[:：]")
OPTION = _patterns(r"(?:option|opción|opção|选项|選項) ?[:：] ?(?P<option>.*?)(?: \([\d,.٬]+ [^()]*\))?")
"""A poll and its choices; how many had voted changes from export to export."""

ATTACHED = _patterns(
    r"file attached|datei angehängt|archivo adjunto|arquivo anexado|ficheiro anexado|fichier joint|file allegato"
    r"|bestand bijgevoegd|файл добавлен|文件附件|文件已附加|附件|檔案已附加|附加檔案|附件檔案"
)
"""What stands in brackets behind the name of an exported file."""

_LEFT_OUT = (
    r"omitted|weggelassen|omitid[oa]|ocultad[oa]|ocult[oa]|omise?|absente?|non inclus[oe]|omess[oa]|weggelaten"
    r"|已?忽略|已?省略|已?略去"
)
_KINDS = {
    "image": r"image|photo|bild|foto|imagen|imagem|immagine|afbeelding|图像|图片|照片|圖片|圖像|相片|影像",
    "video": r"video(?: note)?|videonotiz|vidéo|vídeo|视频|影片|視訊",
    "audio": r"audio|áudio|音频|语音|音訊|語音",
    "sticker": r"sticker|figurinha|autocollant|贴图|貼圖|表情",
    "gif": r"gif",
    "document": r"document|dokument|documento|文档|文件|檔案",
    "contact": r"contact card|kontaktkarte|tarjeta de contacto|cartão (?:de|do) contato|(?:carte|fiche) (?:de )?contact"
    r"|联系人(?:名片|卡片)?|聯絡人(?:名片|資訊)?",
}
LEFT_OUT = {
    kind: _patterns(
        rf"(?:{words}) ?(?:{_LEFT_OUT})",
        rf"(?:{_LEFT_OUT}) ?(?:{words})",
        *([rf".{{1,200}} (?:{words}) ?(?:{_LEFT_OUT})"] if kind == "document" else []),
    )
    for kind, words in _KINDS.items()
}
"""Kind of file to what an iPhone writes for one that was left out of the export."""

KIND_OF_NAME = (
    ("image", re.compile(r"\b(?:IMG|PHOTO)-|\.(?:jpe?g|png|heic|avif)$", re.IGNORECASE)),
    ("sticker", re.compile(r"\b(?:STK|STICKER)-|\.webp$", re.IGNORECASE)),
    ("gif", re.compile(r"\bGIF-|\.gif$", re.IGNORECASE)),
    ("video", re.compile(r"\b(?:VID|VIDEO)-|\.(?:mp4|mov|3gp|mkv)$", re.IGNORECASE)),
    ("audio", re.compile(r"\b(?:PTT|AUD|AUDIO)-|\.(?:opus|mp3|m4a|aac|ogg|amr)$", re.IGNORECASE)),
    ("contact", re.compile(r"\.vcf$", re.IGNORECASE)),
)
"""Kind of file to what its name shows; any other is a document."""

FILE_NAME = re.compile(
    r"(?:WhatsApp[ _-]Chat(?:[ _](?:with|mit|met)[ _]|[ _]-[ _])|Chat[ _]de[ _]WhatsApp[ _]con[ _]"
    r"|Conversa[ _](?:do|no)[ _]WhatsApp[ _]com[ _]|Discussion[ _]WhatsApp[ _]avec[ _]|Chat[ _]WhatsApp[ _]con[ _]"
    r"|Чат[ _]WhatsApp[ _]с[ _]|WhatsApp[ _](?:对话|聊天|對話)[ _]?-?[ _]?(?:与|與|跟)?|[与與](?=.*的[ _]?WhatsApp))"
    r"(?P<room>.+?)(?:[ _]?的[ _]?WhatsApp[ _]?(?:聊天|对话|對話)(?:记录|紀錄|記錄)?)?",
    re.IGNORECASE,
)
"""The name of an exported file, without what is behind its dot and without " (1)"."""
