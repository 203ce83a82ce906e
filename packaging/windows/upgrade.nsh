; An upgrade puts the earlier version's files aside, and deletes them only when the new ones are all there. Whatever
; cuts it off (a full disk, a power cut), the earlier version comes back: at once, or when the installer runs again.
;
; In ${ASIDE}: the files that were moved, then their list, and from first to last the file "unfinished".
;   unfinished, no list   the moving was cut off; the list is still in its place
;   unfinished, a list    the writing of the new files was cut off
;   neither unfinished    done: what is left there, if anything, can go

!define ASIDE "$INSTDIR\.previous-version"

Function PutAside
  ${If} ${FileExists} "$INSTDIR\${LIST}"
    CreateDirectory "${ASIDE}"
    ClearErrors
    FileOpen $0 "${ASIDE}\unfinished" w
    ${If} ${Errors}
      StrCpy $Failed "${ASIDE}"
      Return
    ${EndIf}
    FileClose $0
    StrCpy $List "$INSTDIR\${LIST}"
    StrCpy $From "$INSTDIR"
    StrCpy $To "${ASIDE}"
    Call MoveListed
    ${If} $Failed == ""
      Rename "$INSTDIR\${LIST}" "${ASIDE}\${LIST}"
      ${If} ${Errors}
        StrCpy $Failed "${LIST}"
      ${EndIf}
    ${EndIf}
  ${EndIf}
FunctionEnd

; Brings the earlier version back where an upgrade is unfinished; else clears away what a finished one left.
Function Restore
  ${If} ${FileExists} "${ASIDE}\unfinished"
    StrCpy $List "$INSTDIR\${LIST}"
    ${If} ${FileExists} "${ASIDE}\${LIST}"
      StrCpy $From "$INSTDIR"
      Call DeleteListed
      StrCpy $List "${ASIDE}\${LIST}"
    ${EndIf}
    StrCpy $From "${ASIDE}"
    StrCpy $To "$INSTDIR"
    Call MoveListed
    ${If} $Failed == ""
      ${If} ${FileExists} "${ASIDE}\${LIST}"
        Delete "$INSTDIR\${LIST}"
        Rename "${ASIDE}\${LIST}" "$INSTDIR\${LIST}"
      ${EndIf}
      Delete "${ASIDE}\unfinished"
      RMDir "${ASIDE}"
    ${EndIf}
  ${Else}
    Call ClearAside
  ${EndIf}
FunctionEnd

Function Finish
  Delete "${ASIDE}\unfinished"
  Call ClearAside
FunctionEnd

Function ClearAside
  StrCpy $List "${ASIDE}\${LIST}"
  StrCpy $From "${ASIDE}"
  Call DeleteListed
  Delete "${ASIDE}\${LIST}"
  RMDir "${ASIDE}"
FunctionEnd
