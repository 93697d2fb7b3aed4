// SPDX-License-Identifier: Apache-2.0
// python.exe for a folder that holds python311.dll: hands its arguments to Py_Main.
#include <wchar.h>
#include <windows.h>

typedef int (*py_main)(int, wchar_t **);

int wmain(int argc, wchar_t **argv)
{
    HMODULE library = LoadLibraryW(L"python311.dll");
    if (!library)
        return 127;
    py_main run = (py_main)(void *)GetProcAddress(library, "Py_Main");
    return run ? run(argc, argv) : 126;
}
