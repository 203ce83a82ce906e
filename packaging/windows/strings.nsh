; What the installer says, in its three languages. What NSIS has translated itself is not here.

!macro STRING NAME ENGLISH FRENCH ARABIC
  LangString ${NAME} ${LANG_ENGLISH} `${ENGLISH}`
  LangString ${NAME} ${LANG_FRENCH} `${FRENCH}`
  LangString ${NAME} ${LANG_ARABIC} `${ARABIC}`
!macroend

; components of the installer
!insertmacro STRING ABOUT_PROGRAM \
  "The program, with its model. It needs no network." \
  "Le programme et son modèle. Il fonctionne sans réseau." \
  "البرنامج مع نموذجه. لا يحتاج إلى شبكة."
!insertmacro STRING NAME_START \
  "Start menu entry" \
  "Entrée dans le menu Démarrer" \
  "إدخال في قائمة ابدأ"
!insertmacro STRING ABOUT_START \
  "Puts MelaScreen into the Start menu." \
  "Ajoute MelaScreen au menu Démarrer." \
  "يضيف MelaScreen إلى قائمة ابدأ."
!insertmacro STRING NAME_DESKTOP \
  "Desktop shortcut" \
  "Raccourci sur le Bureau" \
  "اختصار على سطح المكتب"
!insertmacro STRING ABOUT_DESKTOP \
  "Puts a shortcut to MelaScreen on the desktop." \
  "Place un raccourci vers MelaScreen sur le Bureau." \
  "يضع اختصارًا إلى MelaScreen على سطح المكتب."
!insertmacro STRING SHORTCUT \
  "Screens dermoscopy images for melanoma" \
  "Dépistage du mélanome sur des images de dermoscopie" \
  "فحص صور تنظير الجلد لكشف الورم الميلانيني"

; components of the uninstaller
!insertmacro STRING ABOUT_REMOVAL \
  "Removes what the installer put here, and nothing else." \
  "Supprime ce que le programme d'installation a mis ici, et rien d'autre." \
  "يزيل ما وضعه برنامج التثبيت هنا، ولا شيء غيره."
!insertmacro STRING NAME_DATA \
  "History, kept images and settings" \
  "Historique, images conservées et réglages" \
  "السجل والصور المحفوظة والإعدادات"
!insertmacro STRING ABOUT_DATA \
  "Deletes ${DATA_FOLDER} for good. Leave this unticked to keep your results." \
  "Supprime définitivement ${DATA_FOLDER}. Ne cochez pas pour garder vos résultats." \
  "يحذف ${DATA_FOLDER} نهائيًا. اتركه دون تحديد للاحتفاظ بنتائجك."

; why it can't go on
!insertmacro STRING NO_SYSTEM \
  "MelaScreen needs a 64-bit Windows 10 (version 1809 or later) or 11." \
  "MelaScreen nécessite Windows 10 (version 1809 ou ultérieure) ou 11 en 64 bits." \
  "يتطلب MelaScreen نظام Windows 10 (الإصدار 1809 أو أحدث) أو 11 بإصدار 64 بت."
!insertmacro STRING IS_RUNNING \
  "MelaScreen is running, or its files are write-protected. Close it, then try again." \
  "MelaScreen est ouvert, ou ses fichiers sont protégés en écriture. Fermez-le, puis réessayez." \
  "MelaScreen قيد التشغيل، أو أن ملفاته محمية من الكتابة. أغلقه ثم أعد المحاولة."
!insertmacro STRING IS_ELSEWHERE \
  "MelaScreen is already installed in $Installed. Uninstall it there first." \
  "MelaScreen est déjà installé dans $Installed. Désinstallez-le d'abord." \
  "MelaScreen مثبّت مسبقًا في $Installed. أزله من هناك أولًا."
!insertmacro STRING IS_TAKEN \
  "This folder can't be used: there are other files in it that the program would replace, or it holds the history: $INSTDIR" \
  "Ce dossier ne convient pas : il contient d'autres fichiers que le programme remplacerait, ou bien l'historique : $INSTDIR" \
  "لا يمكن استخدام هذا المجلد: فيه ملفات أخرى سيستبدلها البرنامج، أو أنه يحوي السجل: $INSTDIR"
!insertmacro STRING NOT_WRITTEN \
  "The files could not be written. An earlier version, if there was one, is as it was." \
  "Les fichiers n'ont pas pu être écrits. La version précédente, s'il y en avait une, est restée telle quelle." \
  "تعذّرت كتابة الملفات. بقي الإصدار السابق، إن وُجد، كما كان."
