; Deleting and moving what a list names (installer.py writes the lists), for the installer and the uninstaller alike.

Var List    ; the list's path
Var From    ; the folder that its paths are relative to
Var To      ; MoveListed: where the files go
Var Handle
Var Path    ; the line at hand
Var Failed  ; MoveListed: the last path that could not be moved, or nothing

!macro LISTED un

; Opens $List. $Handle is empty where there is none, or it does not begin as ours do.
Function ${un}OpenList
  StrCpy $Handle ""
  ${If} ${FileExists} "$List"
    FileOpen $Handle "$List" r
    FileReadUTF16LE $Handle $Path
    StrLen $0 "${LIST_TITLE}"
    StrCpy $0 $Path $0
    ${If} $0 S!= "${LIST_TITLE}"
      FileClose $Handle
      StrCpy $Handle ""
    ${EndIf}
  ${EndIf}
FunctionEnd

; Reads the next line into $Path; at the end closes the list and leaves $Path empty.
Function ${un}NextListed
  ClearErrors
  FileReadUTF16LE $Handle $Path
  ${If} ${Errors}
    StrCpy $Path ""
    FileClose $Handle
  ${Else}
    StrCpy $Path $Path -2 ; without the line's end
  ${EndIf}
  ClearErrors
FunctionEnd

; Deletes the files that $List names under $From, then the folders that are empty now.
Function ${un}DeleteListed
  Call ${un}OpenList
  ${If} $Handle != ""
    Call ${un}NextListed
    ${While} $Path != ""
      StrCpy $0 $Path 1 -1
      ${If} $0 == "\"
        RMDir "$From\$Path" ; not one with anything in it
      ${Else}
        Delete "$From\$Path"
      ${EndIf}
      Call ${un}NextListed
    ${EndWhile}
  ${EndIf}
FunctionEnd

!macroend

; Moves the files and folders that $List names from $From to $To, over what is there; folders with other things in them
; stay too. A file that is not there is not missed. $Failed tells whether one could not be moved.
Function MoveListed
  StrCpy $Failed ""
  Call OpenList
  ${If} $Handle != ""
    Call NextListed
    ${While} $Path != ""
      StrCpy $0 $Path 1 -1
      ${If} $0 == "\"
        ${If} ${FileExists} "$From\$Path*.*"
          CreateDirectory "$To\$Path"
          RMDir "$From\$Path"
        ${EndIf}
      ${ElseIf} ${FileExists} "$From\$Path"
        ${GetParent} "$To\$Path" $0
        CreateDirectory $0
        Delete "$To\$Path"
        ClearErrors
        Rename "$From\$Path" "$To\$Path"
        ${If} ${Errors}
          StrCpy $Failed $Path
        ${EndIf}
      ${EndIf}
      Call NextListed
    ${EndWhile}
  ${EndIf}
FunctionEnd
