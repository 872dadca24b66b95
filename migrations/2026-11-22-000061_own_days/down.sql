DROP FUNCTION stoa_forget_own;
