; MelaScreen's installer: for one user, without administrator rights. installer.py writes files.nsh, types.nsh, the
; list and the icon into the folder that this is compiled in, and compiles it.
;
;   setup.exe [/S] [/NODESKTOP] [/D=FOLDER]     /S: silent; /D last, without quotes
;   Uninstall.exe [/S] [/PURGE]                 /PURGE: the history, kept images and settings too
;
; Exit codes of both (the uninstaller goes on as a copy of itself, so its own only with _?=FOLDER as the last argument):
;   0 done   1 cancelled   3 the program is running   4 the folder can't be used, or it is installed elsewhere
;   5 the files could not be written; an earlier version is as it was   6 not a 64-bit Windows 10 (1809) or later

Target ${TARGET}
Unicode true
SetCompressor /SOLID /FINAL lzma
SetCompressorDictSize 32 ; MB, which the installer then takes of memory
SetDateSave off ; the files' dates depend on the machine that built them
AllowSkipFiles off
ManifestDPIAware true
ManifestSupportedOS all ; else Windows 10 calls itself 8
RequestExecutionLevel user

!define LIST "installed-files.txt"
!define LIST_TITLE "; MelaScreen"
!define PROGRAM "melascreen.exe"
!define UNINSTALLER "Uninstall.exe"
!define TYPE "MelaScreen.Image"
!define CLASSES "Software\Classes"
!define ALL_REGISTERED "Software\Microsoft\Windows\CurrentVersion\Uninstall"
!define REGISTERED "${ALL_REGISTERED}\MelaScreen"
!define DATA_FOLDER "$LOCALAPPDATA\MelaScreen" ; as platformdirs has it, in app/core/system/paths.py

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include x64.nsh
!include files.nsh
!include types.nsh

Name "MelaScreen"
Caption "MelaScreen ${VERSION}"
BrandingText "MelaScreen ${VERSION}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\MelaScreen"
InstallDirRegKey HKCU "${REGISTERED}" "InstallLocation"

VIProductVersion "${VERSION_NUMBERS}"
VIFileVersion "${VERSION_NUMBERS}"
VIAddVersionKey /LANG=1033 "ProductName" "MelaScreen"
VIAddVersionKey /LANG=1033 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "FileDescription" "MelaScreen's installer"
VIAddVersionKey /LANG=1033 "CompanyName" "The MelaScreen developers"
VIAddVersionKey /LANG=1033 "LegalCopyright" "The MelaScreen developers; MIT License"

!define MUI_ICON "melascreen.ico"
!define MUI_UNICON "melascreen.ico"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_SMALLDESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_LANGDLL_REGISTRY_ROOT HKCU
!define MUI_LANGDLL_REGISTRY_KEY "${REGISTERED}"
!define MUI_LANGDLL_REGISTRY_VALUENAME "InstallerLanguage"

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_COMPONENTS
!define MUI_PAGE_CUSTOMFUNCTION_PRE SkipFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Arabic"
!insertmacro MUI_RESERVEFILE_LANGDLL

Var Installed ; where it is installed already, or nothing
Var Code      ; the exit code once something is wrong

!include /CHARSET=UTF8 "${__FILEDIR__}/strings.nsh"
!include /CHARSET=UTF8 "${__FILEDIR__}/listed.nsh"
!insertmacro LISTED ""
!insertmacro LISTED "un."
!include /CHARSET=UTF8 "${__FILEDIR__}/upgrade.nsh"

; ---- what both need

; Ends with a message (none in silent mode) and an exit code.
!macro REFUSE CODE TEXT
  StrCpy $Code ${CODE}
  SetErrorLevel ${CODE}
  MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
  Abort
!macroend

; A program that runs can't be opened for writing. $0 is set where one can't.
!macro TRY_PROGRAM NAME
  ${If} ${FileExists} "$INSTDIR\${NAME}"
    ClearErrors
    FileOpen $1 "$INSTDIR\${NAME}" a
    ${If} ${Errors}
      StrCpy $0 "${NAME}"
    ${Else}
      FileClose $1
    ${EndIf}
  ${EndIf}
!macroend

!macro CHECK_CLOSED
  ${Do}
    StrCpy $0 ""
    !insertmacro EACH_PROGRAM TRY_PROGRAM
    ${If} $0 == ""
      ${Break}
    ${EndIf}
    ${IfNot} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(IS_RUNNING)" /SD IDCANCEL IDRETRY`
      StrCpy $Code 3
      SetErrorLevel 3
      Abort
    ${EndIf}
  ${Loop}
!macroend

; ---- the installer

Function .onInit
  ${IfNot} ${AtLeastBuild} 17763 ; Windows 10, version 1809: the oldest that Qt 6.11 is for
  ${OrIfNot} ${RunningX64}
    !insertmacro REFUSE 6 "$(NO_SYSTEM)"
  ${EndIf}
  !insertmacro MUI_LANGDLL_DISPLAY
  ReadRegStr $Installed HKCU "${REGISTERED}" "InstallLocation"
  ${IfNot} ${FileExists} "$Installed\${LIST}"
  ${AndIfNot} ${FileExists} "$Installed\.previous-version\${LIST}"
    StrCpy $Installed ""
  ${EndIf}
  ${If} $Installed != ""
  ${AndIf} $Installed != $INSTDIR
    !insertmacro REFUSE 4 "$(IS_ELSEWHERE)"
  ${EndIf}
  Call PreselectShortcuts
FunctionEnd

; An upgrade asks for no folder: it goes where the earlier version is.
Function SkipFolder
  ${If} $Installed != ""
    Abort
  ${EndIf}
FunctionEnd

!macro CHECK_FREE NAME
  ${If} ${FileExists} "$INSTDIR\${NAME}"
    StrCpy $0 "${NAME}"
  ${EndIf}
!macroend

; Refuses a folder where files would be overwritten that no installer of ours put there.
Function CheckFolder
  ${If} $INSTDIR == "${DATA_FOLDER}"
    !insertmacro REFUSE 4 "$(IS_TAKEN)"
  ${EndIf}
  ${IfNot} ${FileExists} "$INSTDIR\${LIST}"
    StrCpy $0 ""
    !insertmacro EACH_TOP CHECK_FREE
    ${If} $0 != ""
      !insertmacro REFUSE 4 "$(IS_TAKEN)"
    ${EndIf}
  ${EndIf}
FunctionEnd

!macro REGISTER_TYPE SUFFIX
  WriteRegStr HKCU "${CLASSES}\Applications\${PROGRAM}\SupportedTypes" "${SUFFIX}" ""
  WriteRegStr HKCU "${CLASSES}\${SUFFIX}\OpenWithProgids" "${TYPE}" ""
!macroend

Section "MelaScreen" SectionProgram
  SectionIn RO
  SetDetailsPrint textonly
  !insertmacro CHECK_CLOSED
  Call Restore
  Call CheckFolder
  Call PutAside
  ${If} $Failed != ""
    Abort
  ${EndIf}

  ; the list comes first: whatever is cut off after it can be cleared away by it
  SetOutPath "$INSTDIR"
  File "/oname=${LIST}" "${LIST}"
  !insertmacro INSTALL_FILES
  SetOutPath "$INSTDIR"
  ClearErrors
  WriteUninstaller "$INSTDIR\${UNINSTALLER}"
  ${If} ${Errors}
    Abort
  ${EndIf}
  Call Finish

  ; 'Open with': an entry more; what opens a type by default stays as it is
  WriteRegStr HKCU "${CLASSES}\Applications\${PROGRAM}" "FriendlyAppName" "MelaScreen"
  WriteRegStr HKCU "${CLASSES}\Applications\${PROGRAM}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${CLASSES}\Applications\${PROGRAM}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  WriteRegStr HKCU "${CLASSES}\${TYPE}" "" "MelaScreen"
  WriteRegStr HKCU "${CLASSES}\${TYPE}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${CLASSES}\${TYPE}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  !insertmacro EACH_TYPE REGISTER_TYPE

  WriteRegStr HKCU "${REGISTERED}" "DisplayName" "MelaScreen"
  WriteRegStr HKCU "${REGISTERED}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${REGISTERED}" "DisplayIcon" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${REGISTERED}" "Publisher" "The MelaScreen developers"
  WriteRegStr HKCU "${REGISTERED}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${REGISTERED}" "UninstallString" '"$INSTDIR\${UNINSTALLER}"'
  WriteRegStr HKCU "${REGISTERED}" "QuietUninstallString" '"$INSTDIR\${UNINSTALLER}" /S'
  WriteRegDWORD HKCU "${REGISTERED}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD HKCU "${REGISTERED}" "NoModify" 1
  WriteRegDWORD HKCU "${REGISTERED}" "NoRepair" 1

  ; the sections that follow make those that are wanted
  Delete "$SMPROGRAMS\MelaScreen.lnk"
  Delete "$DESKTOP\MelaScreen.lnk"
  ${RefreshShellIcons}
SectionEnd

Section "$(NAME_START)" SectionStart
  CreateShortcut "$SMPROGRAMS\MelaScreen.lnk" "$INSTDIR\${PROGRAM}" "" "" "" "" "" "$(SHORTCUT)"
SectionEnd

Section "$(NAME_DESKTOP)" SectionDesktop
  CreateShortcut "$DESKTOP\MelaScreen.lnk" "$INSTDIR\${PROGRAM}" "" "" "" "" "" "$(SHORTCUT)"
SectionEnd

; Who has removed a shortcut since does not get it again with an upgrade.
Function PreselectShortcuts
  ${If} $Installed != ""
  ${AndIfNot} ${FileExists} "$SMPROGRAMS\MelaScreen.lnk"
    !insertmacro UnselectSection ${SectionStart}
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/NODESKTOP" $1
  ${IfNot} ${Errors}
    !insertmacro UnselectSection ${SectionDesktop}
  ${ElseIf} $Installed != ""
  ${AndIfNot} ${FileExists} "$DESKTOP\MelaScreen.lnk"
    !insertmacro UnselectSection ${SectionDesktop}
  ${EndIf}
FunctionEnd

Function .onInstSuccess
  SetErrorLevel 0
FunctionEnd

Function .onInstFailed
  ${If} $Code == ""
    SetOutPath "$TEMP" ; out of the folders that are to go
    ${If} ${FileExists} "${ASIDE}\unfinished"
      Call Restore
    ${Else}
      StrCpy $List "$INSTDIR\${LIST}"
      StrCpy $From "$INSTDIR"
      Call DeleteListed
      Delete "$INSTDIR\${LIST}"
      RMDir "$INSTDIR"
    ${EndIf}
    MessageBox MB_OK|MB_ICONSTOP "$(NOT_WRITTEN)" /SD IDOK
    StrCpy $Code 5
  ${EndIf}
  SetErrorLevel $Code
FunctionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionProgram} "$(ABOUT_PROGRAM)"
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionStart} "$(ABOUT_START)"
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionDesktop} "$(ABOUT_DESKTOP)"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; ---- the uninstaller

!macro UNREGISTER_TYPE SUFFIX
  DeleteRegValue HKCU "${CLASSES}\${SUFFIX}\OpenWithProgids" "${TYPE}"
  DeleteRegKey /ifempty HKCU "${CLASSES}\${SUFFIX}\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\${SUFFIX}"
!macroend

Section "un.MelaScreen" SectionRemoval
  SectionIn RO
  SetDetailsPrint textonly
  !insertmacro CHECK_CLOSED
  ; its own copy of the list, for the one in the folder may be gone
  InitPluginsDir
  File "/oname=$PLUGINSDIR\${LIST}" "${LIST}"
  StrCpy $List "$INSTDIR\.previous-version\${LIST}" ; what an upgrade may have left
  StrCpy $From "$INSTDIR\.previous-version"
  Call un.DeleteListed
  Delete "$INSTDIR\.previous-version\${LIST}"
  Delete "$INSTDIR\.previous-version\unfinished"
  RMDir "$INSTDIR\.previous-version"
  StrCpy $List "$PLUGINSDIR\${LIST}"
  StrCpy $From "$INSTDIR"
  Call un.DeleteListed
  Delete "$INSTDIR\${LIST}"
  RMDir "$INSTDIR" ; not with the user's files in it

  ; where the program that is registered is still there, this was a copy of its folder
  ReadRegStr $0 HKCU "${REGISTERED}" "InstallLocation"
  ${IfNot} ${FileExists} "$0\${PROGRAM}"
    Delete "$SMPROGRAMS\MelaScreen.lnk"
    Delete "$DESKTOP\MelaScreen.lnk"
    !insertmacro EACH_TYPE UNREGISTER_TYPE
    DeleteRegKey HKCU "${CLASSES}\${TYPE}"
    DeleteRegKey HKCU "${CLASSES}\Applications\${PROGRAM}"
    DeleteRegKey HKCU "${REGISTERED}"
    DeleteRegKey /ifempty HKCU "${CLASSES}\Applications"
    DeleteRegKey /ifempty HKCU "${ALL_REGISTERED}"
    ${RefreshShellIcons}
  ${EndIf}
SectionEnd

Section /o "un.$(NAME_DATA)" SectionData
  ; asked for in words; the program makes this folder, and nothing else lies in it
  ${GetFileAttributes} "${DATA_FOLDER}" "REPARSE_POINT" $0
  ${If} $0 != 1 ; where it is a link, what it leads to is somebody's
    RMDir /r "${DATA_FOLDER}"
  ${EndIf}
SectionEnd

Function un.onInit
  !insertmacro MUI_UNGETLANGUAGE
  ${un.GetParameters} $0
  ClearErrors
  ${un.GetOptions} $0 "/PURGE" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${SectionData}
  ${EndIf}
FunctionEnd

Function un.onUninstSuccess
  SetErrorLevel 0
FunctionEnd

Function un.onUninstFailed
  SetErrorLevel $Code
FunctionEnd

!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionRemoval} "$(ABOUT_REMOVAL)"
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionData} "$(ABOUT_DATA)"
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END
