# SPDX-License-Identifier: Apache-2.0
# Completes cardcheck in PowerShell 5 and later, over the protocol that click speaks with fish.
Register-ArgumentCompleter -Native -CommandName cardcheck -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:_CARDCHECK_COMPLETE = 'fish_complete'
    $env:COMP_WORDS = $commandAst.ToString().PadRight($cursorPosition).Substring(0, $cursorPosition)
    $env:COMP_CWORD = $wordToComplete
    try {
        cardcheck | ForEach-Object {
            $value, $help = ($_ -replace '^[^,]*,', '') -split "`t", 2
            if ($value) {
                if (-not $help) { $help = $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
            }
        }
    }
    finally {
        Remove-Item Env:_CARDCHECK_COMPLETE, Env:COMP_WORDS, Env:COMP_CWORD
    }
}
