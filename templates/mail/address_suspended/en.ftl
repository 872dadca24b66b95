# Letters to an address come back for good.

# $name: the member; $address: the address, masked.
subject = Letters to { $name } come back
subject-nobody = Letters to { $address } come back
title = An address cannot be reached

what-happened = A letter to { $name }, a member of { $institution }, came back: there is no such mailbox.
what-happened-nobody = A letter of { $institution } came back: there is no such mailbox.
no-more = We send nothing more to this address until you say so.

address = Address
since = Since
mail-server = The mail server said
what-to-do = What to do:
correct = If the address is wrong, give the member the right one; letters go there at once.
readmit = If it is right and works again, let letters go there again:
why-admin = You get this letter because you are an owner or admin of this institution.
